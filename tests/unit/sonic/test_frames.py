from __future__ import annotations

import base64
import json
import struct
from binascii import crc32
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from aws_sdk_bedrock_runtime.models import (
    BidirectionalInputPayloadPart,
    InvokeModelWithBidirectionalStreamInputChunk,
)
from aws_sdk_signers.signers import AsyncEventSigner
from hypothesis import given
from hypothesis import strategies as st
from smithy_aws_core.identity import AWSCredentialsIdentity
from smithy_aws_event_stream.aio import AWSEventPublisher, SigningConfig
from smithy_aws_event_stream.events import EventHeaderEncoder, EventMessage
from smithy_aws_event_stream.exceptions import EventError
from smithy_json import JSONCodec

from nova_agent.sonic.credentials import FixedIdentity
from nova_agent.sonic.frames import ChunkSigner, FrameReader, event_in

IDENTITY = AWSCredentialsIdentity(access_key_id="AKID", secret_access_key="secret")
FIRST = b"0" * 64
MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)
EVENTS = ('{"event":{"sessionStart":{}}}', '{"event":{"audioInput":{"content":"é' + "A" * 3000 + '"}}}', "")


class Sent:
    """What the SDK would have written."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    async def write(self, frame: bytes) -> None:
        self.frames.append(frame)


def sdk_publisher(sent: Sent) -> AWSEventPublisher[InvokeModelWithBidirectionalStreamInputChunk]:
    signer = AsyncEventSigner(initial_signature=FIRST, event_encoder_cls=EventHeaderEncoder)
    scope = {"region": "us-east-1", "service": "bedrock"}
    signing = SigningConfig(signer, scope, FixedIdentity(IDENTITY), {})  # type: ignore[arg-type]
    return AWSEventPublisher(payload_codec=JSONCodec(), async_writer=sent, signing_config=signing)


def output_frame(payload: bytes, *, kind: str = "event") -> bytes:
    headers = {":event-type": "chunk", ":content-type": "application/json", ":message-type": kind}
    return EventMessage(headers=headers, payload=payload).encode()


def chunk_of(event: object, **beside: str) -> bytes:
    content = base64.b64encode(json.dumps(event).encode()).decode()
    return output_frame(json.dumps({"bytes": content, **beside}).encode())


async def test_frames_are_the_sdks_to_the_byte_across_seconds_and_midnight() -> None:
    sent, signature = Sent(), FIRST
    publisher, signer = sdk_publisher(sent), ChunkSigner(secret_key="secret", region="us-east-1", service="bedrock")
    for number in range(9):
        at = MIDNIGHT + timedelta(milliseconds=700 * (number - 4) + 1)
        event = EVENTS[number % len(EVENTS)]
        with time_machine.travel(at, tick=False):
            payload = BidirectionalInputPayloadPart(bytes_=event.encode())
            await publisher.send(InvokeModelWithBidirectionalStreamInputChunk(value=payload))
        frame, signature = signer.frame(event.encode(), signature, at.timestamp())
        assert frame == sent.frames[-1]


@given(st.lists(st.integers(1, 40)))
def test_frames_are_found_however_the_bytes_come(cuts: list[int]) -> None:
    frames = [chunk_of({"event": {"n": number}}) for number in range(3)]
    rest, reader, found = b"".join(frames), FrameReader(), []
    for cut in (*cuts, len(rest)):
        found += reader.feed(rest[:cut])
        rest = rest[cut:]
    reader.end()
    assert found == frames


@pytest.mark.parametrize("at", [2, 9, 40, -1])
def test_bytes_that_were_changed_on_the_way_are_no_frame(at: int) -> None:
    spoilt = bytearray(chunk_of({"event": {}}))
    spoilt[at] ^= 1
    with pytest.raises(EventError):
        list(FrameReader().feed(bytes(spoilt)))


def test_a_frame_that_is_cut_is_an_error_at_the_end() -> None:
    reader = FrameReader()
    assert list(reader.feed(chunk_of({"event": {}})[:-1])) == []
    with pytest.raises(EventError):
        reader.end()


def test_a_length_that_no_frame_has_is_refused_before_it_is_waited_for() -> None:
    lengths = struct.pack("!II", 2**31, 0)
    with pytest.raises(EventError):
        list(FrameReader().feed(lengths + crc32(lengths).to_bytes(4)))


def test_an_event_is_read_past_the_padding_that_the_service_adds() -> None:
    assert event_in(chunk_of({"event": {"usageEvent": {}}}, p="abcdef")) == {"event": {"usageEvent": {}}}


def test_a_chunk_without_bytes_is_empty() -> None:
    assert event_in(output_frame(b"{}")) == {}


def test_an_exception_is_left_to_the_sdk() -> None:
    assert event_in(output_frame(b'{"message":"no"}', kind="exception")) is None


@pytest.mark.parametrize("payload", [b"no json", b"[]", b'{"bytes":"e30"}', b'{"bytes":7}'])
def test_an_event_without_content_is_an_error_of_the_stream(payload: bytes) -> None:
    with pytest.raises(EventError):
        event_in(output_frame(payload))
