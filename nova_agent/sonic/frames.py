"""Events as signed bytes of ``application/vnd.amazon.eventstream``, and back (protocol, no I/O).

The SDK's own way leads each chunk of audio through schemas, codecs and header encoders: 55 µs to sign and encode one,
of which 12 are left here (smithy_aws_event_stream 0.3, measured). Whatever is no plain event is left to the SDK.
"""

from __future__ import annotations

import base64
import hmac
import json
import struct
import time
from binascii import crc32
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from smithy_aws_event_stream.exceptions import ChecksumMismatch, InvalidEventBytes

_PRELUDE: Final = struct.Struct("!III")
_AROUND_BYTES: Final = 16
"""Prelude and checksum."""
_LARGEST_BYTES: Final = 17 * 1024 * 1024
"""16 MiB of payload and 128 KiB of headers are allowed; more is no length of a frame."""
_DATE: Final = struct.Struct("!6sBq")
_DATE_HEADER: Final = (b"\x05:date", 8)
_SIGNATURE_HEADER: Final = b"\x10:chunk-signature\x06\x00\x20"
_EVENT: Final = b"\x0d:message-type\x07\x00\x05event"
_CHUNK: Final = b"\x0b:event-type\x07\x00\x05chunk"
_CHUNK_HEADERS: Final = _EVENT + _CHUNK + b"\x0d:content-type\x07\x00\x10application/json"


class ChunkSigner:
    """Encodes and signs events; each signature covers the one before (AWS Signature Version 4, event streams).

    Args:
        secret_key: of the credentials that the request was signed with: the service goes on with these, whatever the
            process has got meanwhile.
        region, service: of the request's scope.
    """

    def __init__(self, *, secret_key: str, region: str, service: str) -> None:
        self._secret_key = secret_key
        self._region = region
        self._service = service
        self._second = -1
        self._time = ""
        self._scope = ""
        self._key = b""

    def frame(self, event: bytes, prior_signature: bytes, now: float) -> tuple[bytes, bytes]:
        """Return an input event's frame and its signature, in hexadecimal, for the next one.

        Args:
            event: JSON.
            prior_signature: of the frame before, or of the request, in hexadecimal.
            now: Unix time.
        """
        if (second := int(now)) != self._second:
            self._tick(second)
        payload = _framed(_CHUNK_HEADERS, b'{"bytes":"%b"}' % base64.b64encode(event))
        date = _DATE.pack(*_DATE_HEADER, int(now * 1000))
        to_sign = (
            f"AWS4-HMAC-SHA256-PAYLOAD\n{self._time}\n{self._scope}\n{prior_signature.decode()}\n"
            f"{sha256(date).hexdigest()}\n{sha256(payload).hexdigest()}"
        )
        signature = hmac.digest(self._key, to_sign.encode(), "sha256")
        return _framed(date + _SIGNATURE_HEADER + signature, payload), signature.hex().encode()

    def _tick(self, second: int) -> None:
        """Note how this second is written, and make the key of its day."""
        self._second = second
        self._time = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        day = self._time[:8]
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        if scope != self._scope:
            self._scope = scope
            key = b"AWS4" + self._secret_key.encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key = key


class FrameReader:
    """Cuts what was received into whole frames, whose checksums are right."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[bytes]:
        """Take bytes as they come, and yield each frame that they complete.

        Raises:
            EventError: these are no frames.
        """
        self._buffer += received
        while len(self._buffer) >= _PRELUDE.size:
            total_bytes, header_bytes, checksum = _PRELUDE.unpack_from(self._buffer)
            _check(self._buffer[:8], checksum)
            if not header_bytes + _AROUND_BYTES <= total_bytes <= _LARGEST_BYTES:
                raise InvalidEventBytes
            if len(self._buffer) < total_bytes:
                return
            frame = bytes(self._buffer[:total_bytes])
            del self._buffer[:total_bytes]
            _check(frame[:-4], int.from_bytes(frame[-4:]))
            yield frame

    def end(self) -> None:
        """Nothing more comes.

        Raises:
            EventError: a frame was cut.
        """
        if self._buffer:
            raise InvalidEventBytes


def event_in(frame: bytes) -> dict[str, Any] | None:
    """Return the output event in a frame, empty for a frame without one; ``None`` for a frame that is no event.

    Raises:
        EventError: what looks like an event holds none.
    """
    header_bytes = int.from_bytes(frame[4:8])
    headers = frame[12 : 12 + header_bytes]
    if _EVENT not in headers or _CHUNK not in headers:
        return None
    try:
        content = json.loads(frame[12 + header_bytes : -4]).get("bytes")
        event: dict[str, Any] = json.loads(base64.b64decode(content)) if content else {}
    except (ValueError, AttributeError, TypeError) as error:
        raise InvalidEventBytes from error
    return event


def _framed(headers: bytes, payload: bytes) -> bytes:
    lengths = struct.pack("!II", _AROUND_BYTES + len(headers) + len(payload), len(headers))
    message = b"%b%b%b%b" % (lengths, crc32(lengths).to_bytes(4), headers, payload)
    return message + crc32(message).to_bytes(4)


def _check(content: bytes | bytearray, checksum: int) -> None:
    if (computed := crc32(content)) != checksum:
        raise ChecksumMismatch(checksum, computed)
