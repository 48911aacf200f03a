from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smithy_aws_event_stream.events import EventMessage

from nova_agent.localsonic.frames import (
    MAX_HEADERS_BYTES,
    MAX_PAYLOAD_BYTES,
    Frame,
    FrameDecoder,
    FrameError,
    HeaderValue,
    decode_frame,
    encode_frame,
)

HEADERS: dict[str, HeaderValue] = {
    ":message-type": "event",
    "bytes": b"\x00\x01",
    "yes": True,
    "no": False,
    "count": -7,
    "at": datetime(2026, 11, 22, 12, 0, 0, 123000, tzinfo=UTC),
    "id": uuid.UUID(int=5),
}


def test_a_frame_survives_the_round_trip_with_every_kind_of_header() -> None:
    frame = Frame(HEADERS, b"payload")
    assert FrameDecoder().feed(encode_frame(frame)) == [frame]


def test_the_clients_own_codec_writes_the_same_bytes() -> None:
    headers = {":event-type": "chunk", ":content-type": "application/json"}
    theirs = EventMessage(headers=headers, payload=b"{}").encode()
    assert encode_frame(Frame(headers, b"{}")) == theirs


@given(payloads=st.lists(st.binary(max_size=200), min_size=1, max_size=5), size=st.integers(1, 400))
def test_frames_are_found_wherever_the_bytes_are_cut(payloads: list[bytes], size: int) -> None:
    raw = b"".join(encode_frame(Frame({"n": "x"}, payload)) for payload in payloads)
    decoder = FrameDecoder()
    found = [frame for at in range(0, len(raw), size) for frame in decoder.feed(raw[at : at + size])]
    assert [frame.payload for frame in found] == payloads
    assert decoder.pending_bytes == 0


@pytest.mark.parametrize("at", [0, 9, 14, 40, -1])
def test_a_flipped_bit_is_found_wherever_it_is(at: int) -> None:
    raw = bytearray(encode_frame(Frame({"name": "value"}, b"some payload here, long enough")))
    raw[at] ^= 1
    with pytest.raises(FrameError):
        FrameDecoder().feed(bytes(raw))


def test_a_truncated_frame_stays_pending() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(encode_frame(Frame({}, b"abc"))[:-1]) == []
    assert decoder.pending_bytes == 18


@given(garbage=st.binary(min_size=12, max_size=300))
def test_random_bytes_raise_nothing_but_frame_errors(garbage: bytes) -> None:
    with pytest.raises(FrameError):
        FrameDecoder().feed(garbage)


def test_good_frames_before_a_broken_one_are_not_lost() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(encode_frame(Frame({}, b"good")) + bytes(20)) == [Frame({}, b"good")]
    assert decoder.failure is not None
    with pytest.raises(FrameError):
        decoder.feed(b"")


def test_one_frame_is_read_in_one_go() -> None:
    frame = Frame(HEADERS, b"payload")
    assert decode_frame(encode_frame(frame)) == frame


@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: raw + b"\0", lambda raw: raw * 2, lambda _: b""])
def test_less_or_more_than_one_frame_is_none(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(FrameError):
        decode_frame(change(encode_frame(Frame({}, b"payload"))))


@pytest.mark.parametrize(("headers_bytes", "payload_bytes"), [(0, MAX_PAYLOAD_BYTES + 1), (MAX_HEADERS_BYTES + 1, 0)])
def test_a_frame_that_announces_too_much_is_refused_before_it_comes(headers_bytes: int, payload_bytes: int) -> None:
    lengths = struct.pack("!II", 16 + headers_bytes + payload_bytes, headers_bytes)
    with pytest.raises(FrameError, match="out of bounds"):
        FrameDecoder().feed(lengths + struct.pack("!I", crc32(lengths)))
    assert (MAX_HEADERS_BYTES, MAX_PAYLOAD_BYTES) == (128 * 1024, 16 * 1024 * 1024)
