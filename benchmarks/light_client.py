"""A client of one Nova Sonic stream that costs next to nothing, so that many of them fit beside what they measure.

It speaks HTTP/2 over TLS as far as one request on one connection needs it: frames are made beforehand, and the
signatures in them are zeros. It gives windows back after every read, as clients do that acknowledge at once.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit

from hpack import Encoder

from nova_agent.localsonic.frames import Frame, FrameDecoder, HeaderValue, encode_frame

_MODEL_ID: Final = "amazon.nova-2-sonic-v1:0"
_SCOPE: Final = "local/20261122/us-east-1/bedrock/aws4_request"
_CONNECT_LIMIT_S: Final = 10.0
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_ACK = _END_STREAM = 1
_END_HEADERS: Final = 4
_HEADER_BYTES: Final = 9
_INITIAL_WINDOW_SIZE: Final = 4
_WINDOW_BYTES: Final = 8 * 1024 * 1024
_STREAM: Final = 1
_SIGNED: Final[dict[str, HeaderValue]] = {":date": datetime(2026, 11, 22, tzinfo=UTC), ":chunk-signature": bytes(32)}
_CHUNK: Final[dict[str, HeaderValue]] = {
    ":message-type": "event",
    ":event-type": "chunk",
    ":content-type": "application/json",
}

Received = Callable[[str, Mapping[str, Any]], None]
"""An output event's name and body; the body of audioOutput is left out."""


def event_data(name: str, body: Mapping[str, Any]) -> bytes:
    """Return the HTTP/2 frame that carries an input event, in both of its envelopes."""
    event = json.dumps({"event": {name: body}}).encode()
    payload = json.dumps({"bytes": base64.b64encode(event).decode()}).encode()
    return _frame(_DATA, 0, _STREAM, encode_frame(Frame(_SIGNED, encode_frame(Frame(_CHUNK, payload)))))


class LightClient(asyncio.Protocol):
    """One stream on a connection of its own. ``received`` is told of every output event."""

    def __init__(self, authority: str, received: Received) -> None:
        self._authority = authority
        self._received = received
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._frames = FrameDecoder()
        self.failure: str | None = None
        """Why the stream is over, when it ended in another way than by :meth:`close`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        window = struct.pack("!HI", _INITIAL_WINDOW_SIZE, _WINDOW_BYTES)
        self._transport.write(
            _PREFACE
            + _frame(_SETTINGS, 0, 0, window)
            + _window_update(0, _WINDOW_BYTES)
            + _frame(_HEADERS, _END_HEADERS, _STREAM, _request_headers(self._authority))
        )

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self.failure = self.failure or f"the connection was lost: {exc}"

    def send(self, data: bytes) -> None:
        """Send what :func:`event_data` made."""
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """End the input and the connection."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.write(_frame(_DATA, _END_STREAM, _STREAM, b""))
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        at = read = 0
        while len(self._buffer) - at >= _HEADER_BYTES:
            size = int.from_bytes(self._buffer[at : at + 3])
            end = at + _HEADER_BYTES + size
            if len(self._buffer) < end:
                break
            kind, flags = self._buffer[at + 3 : at + 5]
            payload = bytes(self._buffer[at + _HEADER_BYTES : end])
            read += size if kind == _DATA else 0
            at = end
            self._take(kind, flags, payload)
        del self._buffer[:at]
        if read:
            self.send(_window_update(0, read) + _window_update(_STREAM, read))

    def _take(self, kind: int, flags: int, payload: bytes) -> None:
        if kind == _DATA:
            for frame in self._frames.feed(payload):
                self._take_event(frame)
            if flags & _END_STREAM and self._transport is not None:
                self.failure = self.failure or "the endpoint ended the stream"
        elif kind in (_SETTINGS, _PING) and not flags & _ACK:
            self.send(_frame(kind, _ACK, 0, payload if kind == _PING else b""))
        elif kind in (_RESET, _GOAWAY):
            self.failure = self.failure or f"HTTP/2 frame of type {kind}: {payload.hex()}"

    def _take_event(self, frame: Frame) -> None:
        if frame.headers.get(":message-type") != "event":
            self.failure = f"{frame.headers.get(':exception-type')!s}: {frame.payload.decode()}"
            return
        # {"bytes":"… with the event's name among the first 36 bytes of base64: audio need not be decoded.
        if b'"audioOutput"' in base64.b64decode(frame.payload[10:58]):
            self._received("audioOutput", {})
            return
        ((name, body),) = json.loads(base64.b64decode(json.loads(frame.payload)["bytes"]))["event"].items()
        self._received(name, body)


async def connect(endpoint_url: str, ca_bundle: Path, received: Received) -> LightClient:
    """Open a stream.

    Raises:
        OSError: nobody listens there, or the certificate is not trusted.
        TimeoutError: it took more than ten seconds.
    """
    address = urlsplit(endpoint_url)
    context = ssl.create_default_context(cafile=str(ca_bundle))
    context.set_alpn_protocols(["h2"])
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(_CONNECT_LIMIT_S):
        _, client = await loop.create_connection(
            lambda: LightClient(address.netloc, received), address.hostname or "", address.port or 443, ssl=context
        )
    return client


def _request_headers(authority: str) -> bytes:
    headers = [
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", authority),
        (":path", f"/model/{quote(_MODEL_ID, safe='')}/invoke-with-bidirectional-stream"),
        ("content-type", "application/vnd.amazon.eventstream"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-EVENTS"),
        ("x-amz-date", "20261122T000000Z"),
        ("authorization", f"AWS4-HMAC-SHA256 Credential={_SCOPE}, SignedHeaders=host, Signature={'0' * 64}"),
    ]
    return bytes(Encoder().encode(headers))


def _frame(kind: int, flags: int, stream_id: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + struct.pack("!BBI", kind, flags, stream_id) + payload


def _window_update(stream_id: int, window_bytes: int) -> bytes:
    return _frame(_WINDOW_UPDATE, 0, stream_id, struct.pack("!I", window_bytes))
