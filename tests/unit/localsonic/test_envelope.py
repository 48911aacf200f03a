from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from nova_agent.localsonic.envelope import ClientMessages, event_frame, exception_frame
from nova_agent.localsonic.frames import Frame, FrameDecoder, HeaderValue, encode_frame
from nova_agent.localsonic.rejections import INVALID_INPUT, UNPARSEABLE, StreamRejected

SIGNED: dict[str, HeaderValue] = {":date": datetime(2026, 1, 1, tzinfo=UTC), ":chunk-signature": bytes(32)}
INNER = {":message-type": "event", ":event-type": "chunk", ":content-type": "application/json"}


def client_message(payload: bytes) -> bytes:
    return encode_frame(Frame(SIGNED, encode_frame(Frame(INNER, payload))))


def wrapped(event: bytes) -> bytes:
    return client_message(json.dumps({"bytes": base64.b64encode(event).decode()}).encode())


def test_events_come_out_of_their_two_envelopes() -> None:
    raw = wrapped(b'{"a": 1}') + wrapped(b'{"b": 2}')
    messages = ClientMessages()
    assert [*messages.feed(raw[:100]), *messages.feed(raw[100:])] == [b'{"a": 1}', b'{"b": 2}']


def test_events_before_a_broken_message_come_out_before_it_is_refused() -> None:
    events = ClientMessages().feed(wrapped(b'{"a": 1}') + b"no message, by any means")
    assert next(events) == b'{"a": 1}'
    with pytest.raises(StreamRejected):
        next(events)


def test_the_empty_message_at_the_end_of_input_is_skipped() -> None:
    assert list(ClientMessages().feed(encode_frame(Frame(SIGNED)))) == []


@pytest.mark.parametrize(
    "headers",
    [
        INNER,
        {":chunk-signature": bytes(32)},
        {":date": "2026-01-01", ":chunk-signature": bytes(32)},
        SIGNED | {":chunk-signature": bytes(31)},
        SIGNED | {":chunk-signature": "0" * 32},
    ],
)
def test_unsigned_messages_are_refused(headers: dict[str, HeaderValue]) -> None:
    with pytest.raises(StreamRejected) as caught:
        list(ClientMessages().feed(encode_frame(Frame(headers, encode_frame(Frame(INNER, b"{}"))))))
    assert caught.value.message == INVALID_INPUT


@pytest.mark.parametrize(
    "raw",
    [
        b"plain text, and no frame at all",
        encode_frame(Frame(SIGNED, b"no inner frame, just some text")),
        client_message(b"no json"),
        client_message(b'{"bytes": 5}'),
        client_message(b'{"bytes": "%%%"}'),
        client_message(b"[]"),
    ],
)
def test_anything_else_is_unparseable(raw: bytes) -> None:
    with pytest.raises(StreamRejected) as caught:
        list(ClientMessages().feed(raw))
    assert caught.value.message == UNPARSEABLE


def test_events_go_out_flat_with_sorted_keys() -> None:
    (frame,) = FrameDecoder().feed(event_frame({"event": {"b": {"z": 1, "a": "é"}}}))
    assert frame.headers == INNER
    assert base64.b64decode(json.loads(frame.payload)["bytes"]).decode() == '{"event":{"b":{"a":"é","z":1}}}'


def test_an_exception_names_its_member() -> None:
    (frame,) = FrameDecoder().feed(exception_frame("throttlingException", "Too many."))
    assert frame.headers[":message-type"] == "exception"
    assert frame.headers[":exception-type"] == "throttlingException"
    assert json.loads(frame.payload) == {"message": "Too many."}
