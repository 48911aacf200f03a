"""The event-stream frame: ``application/vnd.amazon.eventstream`` bytes to :class:`Frame` values and back.

All numbers are big-endian::

    total_len u32 | headers_len u32 | crc32(first 8 bytes) u32 | headers | payload | crc32(all before) u32
    header: name_len u8 | name | type u8 | value

Own code and not ``smithy-aws-event-stream`` 0.3: encoding and decoding one event of 2 KB of audio took 8.5 µs here and
15 µs there, and that package decodes from readers, while HTTP/2 pushes its bytes.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zlib import crc32

HeaderValue = str | bytes | bool | int | datetime | uuid.UUID

# The limits of the AWS clients' own codec (smithy_aws_event_stream 0.3).
MAX_HEADERS_BYTES = 128 * 1024
MAX_PAYLOAD_BYTES = 16 * 1024 * 1024

_PRELUDE = struct.Struct("!III")
_U32 = struct.Struct("!I")
_U16 = struct.Struct("!H")
_I64 = struct.Struct("!q")
_OVERHEAD_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TRUE, _FALSE, _BYTES, _STRING, _TIMESTAMP, _UUID = 0, 1, 6, 7, 8, 9
_INTEGER_SIZES = {2: 1, 3: 2, 4: 4, 5: 8}
_LONG = 5


class FrameError(Exception):
    """The bytes are no event-stream frame; the connection cannot be read any further."""


@dataclass(frozen=True, slots=True)
class Frame:
    headers: Mapping[str, HeaderValue] = field(default_factory=dict)
    payload: bytes = b""


def encode_frame(frame: Frame) -> bytes:
    """Return the frame's bytes; both checksums are filled in."""
    headers = b"".join(_encode_header(name, value) for name, value in frame.headers.items())
    total = len(headers) + len(frame.payload) + _OVERHEAD_BYTES
    lengths = struct.pack("!II", total, len(headers))
    body = b"".join((lengths, _U32.pack(crc32(lengths)), headers, frame.payload))
    return body + _U32.pack(crc32(body))


class FrameDecoder:
    """Reassembles frames from pieces of any size, as they come out of HTTP/2 DATA frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._failure: FrameError | None = None

    @property
    def failure(self) -> FrameError | None:
        """What is wrong with the bytes behind the last frame, if they are no frame."""
        return self._failure

    @property
    def pending_bytes(self) -> int:
        """How much of an unfinished frame has arrived; not zero at the end of input means a truncated frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Take more bytes and return the frames that are now complete.

        Frames before a broken one are returned, and :attr:`failure` says that one follows.

        Raises:
            FrameError: a checksum or a length is wrong in the first frame, or was before.
        """
        if self._failure is not None:
            raise self._failure
        self._buffer += data
        frames: list[Frame] = []
        try:
            while (size := _frame_size(self._buffer)) is not None and len(self._buffer) >= size:
                frames.append(_decode(bytes(self._buffer[:size])))
                del self._buffer[:size]
        except FrameError as error:
            self._failure = error
            if not frames:
                raise
        return frames


def decode_frame(raw: bytes) -> Frame:
    """Read the one frame that these bytes are.

    Raises:
        FrameError: they are none, or more than one.
    """
    if _frame_size(raw) != len(raw):
        raise FrameError(f"{len(raw)} bytes are not one frame")
    return _decode(raw)


def _frame_size(data: bytes | bytearray) -> int | None:
    """How long the frame is that begins here; ``None`` until its first 12 bytes have arrived."""
    if len(data) < _PRELUDE.size:
        return None
    total, headers_bytes, checksum = _PRELUDE.unpack_from(data)
    if crc32(data[:8]) != checksum:
        raise FrameError("prelude checksum is wrong")
    payload_bytes = total - headers_bytes - _OVERHEAD_BYTES
    if headers_bytes > MAX_HEADERS_BYTES or not 0 <= payload_bytes <= MAX_PAYLOAD_BYTES:
        raise FrameError(f"lengths are out of bounds: total {total}, headers {headers_bytes}")
    return int(total)


def _decode(raw: bytes) -> Frame:
    if crc32(raw[:-4]) != _U32.unpack_from(raw, len(raw) - 4)[0]:
        raise FrameError("message checksum is wrong")
    headers_end = 12 + _U32.unpack_from(raw, 4)[0]
    try:
        headers = _decode_headers(raw[12:headers_end])
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise FrameError(f"headers cannot be read: {error}") from error
    return Frame(headers, raw[headers_end:-4])


def _decode_headers(raw: bytes) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {}
    at = 0
    while at < len(raw):
        name_end = at + 1 + raw[at]
        name = raw[at + 1 : name_end].decode()
        headers[name], at = _decode_value(raw[name_end], raw, name_end + 1)
    if at != len(raw):
        raise ValueError("a header is longer than the header block")
    return headers


def _decode_value(kind: int, raw: bytes, at: int) -> tuple[HeaderValue, int]:
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind in _INTEGER_SIZES:
        end = at + _INTEGER_SIZES[kind]
        return int.from_bytes(raw[at:end], "big", signed=True), end
    if kind in (_BYTES, _STRING):
        start = at + 2
        end = start + _U16.unpack_from(raw, at)[0]
        return (raw[start:end] if kind == _BYTES else raw[start:end].decode()), end
    if kind == _TIMESTAMP:
        return _EPOCH + timedelta(milliseconds=_I64.unpack_from(raw, at)[0]), at + 8
    if kind == _UUID:
        return uuid.UUID(bytes=raw[at : at + 16]), at + 16
    raise ValueError(f"unknown header type {kind}")


def _encode_header(name: str, value: HeaderValue) -> bytes:
    raw_name = name.encode()
    return bytes((len(raw_name),)) + raw_name + _encode_value(value)


def _encode_value(value: HeaderValue) -> bytes:
    match value:
        case bool():
            return bytes((_TRUE if value else _FALSE,))
        case str():
            raw = value.encode()
            return bytes((_STRING,)) + _U16.pack(len(raw)) + raw
        case bytes():
            return bytes((_BYTES,)) + _U16.pack(len(value)) + value
        case int():
            return bytes((_LONG,)) + _I64.pack(value)
        case datetime():
            return bytes((_TIMESTAMP,)) + _I64.pack((value - _EPOCH) // timedelta(milliseconds=1))
        case uuid.UUID():
            return bytes((_UUID,)) + value.bytes
