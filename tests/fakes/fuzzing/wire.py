"""A bare HTTP/2 client over TLS, for good and for evil: h2 where it keeps to the rules, past h2 where it does not."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from nova_agent.localsonic.frames import FrameDecoder
from nova_agent.localsonic.server import LocalSonic
from tests.fakes.fuzzing.framing import message
from tests.fakes.fuzzing.sessions import SESSIONS, as_json

_SCOPE: Final = "local/20260101/us-east-1/bedrock/aws4_request"
_LIMIT_S: Final = 20.0
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint listens, and what vouches for it."""

    port: int
    ca_certificate: Path
    host: str = "127.0.0.1"

    @classmethod
    def of(cls, sonic: LocalSonic) -> Self:
        return cls(sonic.port, sonic.ca_certificate)


def frame(kind: int, payload: bytes = b"", *, flags: int = 0, stream_id: int = 0) -> bytes:
    """An HTTP/2 frame, right or wrong."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream_id.to_bytes(4, "big") + payload


def request_headers(authority: str = "127.0.0.1") -> list[tuple[str, str]]:
    """The headers with which a stream is opened."""
    return [
        (":method", "POST"),
        (":scheme", "https"),
        (":path", "/model/amazon.nova-2-sonic-v1%3A0/invoke-with-bidirectional-stream"),
        (":authority", authority),
        ("content-type", "application/vnd.amazon.eventstream"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-EVENTS"),
        ("x-amz-date", "20261122T000000Z"),
        ("authorization", f"AWS4-HMAC-SHA256 Credential={_SCOPE}, SignedHeaders=host, Signature={'0' * 64}"),
    ]


class Wire:
    """One connection. What comes back is read all the time, unless the client is one that does not read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.bodies: dict[int, bytearray] = {}
        self.statuses: dict[int, str] = {}
        self.over: set[int] = set()
        self.goaway: int | None = None
        """The error code with which the endpoint said that it goes away."""
        self.closed = asyncio.Event()
        self._answers = True
        self._acknowledged = False
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the endpoint has closed the connection."""
        return self.closed.is_set() or self.writer.transport.is_closing()

    def start(self) -> None:
        """Greet, and read from now on."""
        self.h2.initiate_connection()
        self.flush()
        self._read_on()

    def only_read(self) -> None:
        """Read from now on, and answer nothing."""
        self.h2.initiate_connection()
        self.h2.clear_outbound_data_buffer()
        self._answers = False
        self._read_on()

    def _read_on(self) -> None:
        self._task = asyncio.create_task(self._read(), name="hostile-client")

    def write(self, data: bytes) -> None:
        """Send bytes past h2."""
        self.writer.write(data)

    def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())

    def request(self, headers: list[tuple[str, str]] | None = None) -> int:
        """Open a stream."""
        stream_id = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream_id, headers or request_headers())
        self.flush()
        return stream_id

    async def send(self, stream_id: int, data: bytes, *, end: bool = False) -> None:
        """Send a part of the body, as the endpoint's windows allow."""
        async with asyncio.timeout(_LIMIT_S):
            while data:
                room = min(self.h2.local_flow_control_window(stream_id), self.h2.max_outbound_frame_size)
                if room <= 0:
                    await self._next()
                    continue
                self.h2.send_data(stream_id, data[:room])
                self.flush()
                data = data[room:]
        if end:
            self.h2.end_stream(stream_id)
        self.flush()

    async def until_taken(self) -> None:
        """Wait until the endpoint has read everything that was sent."""
        self._acknowledged = False
        self.h2.ping(bytes(8))
        self.flush()
        async with asyncio.timeout(_LIMIT_S):
            while not self._acknowledged and not self.is_closed:
                await self._next()

    async def until_over(self, stream_id: int) -> bytes:
        """Return the whole response body; a stream that was reset has what had come of it."""
        async with asyncio.timeout(_LIMIT_S):
            while stream_id not in self.over and not self.closed.is_set():
                await self._next()
        return bytes(self.bodies.get(stream_id, b""))

    async def until_event(self, stream_id: int, name: str, **fields: Any) -> None:
        """Wait for an output event with these fields."""
        async with asyncio.timeout(_LIMIT_S):
            while not any(found == name and fields.items() <= body.items() for found, body in self.events(stream_id)):
                if stream_id in self.over or self.closed.is_set():
                    got = [found for found, _ in self.events(stream_id)[-3:]]
                    raise ConnectionError(f"the stream ended before {name}, after {got}")
                await self._next()

    def events(self, stream_id: int) -> list[tuple[str, dict[str, Any]]]:
        """The output events so far."""
        frames = FrameDecoder().feed(bytes(self.bodies.get(stream_id, b"")))
        payloads = [json.loads(one.payload) for one in frames]
        return [
            next(iter(json.loads(base64.b64decode(payload["bytes"]))["event"].items()))
            for payload in payloads
            if "bytes" in payload
        ]

    def forget(self, stream_id: int) -> None:
        """Keep nothing of a stream that is over."""
        self.bodies.pop(stream_id, None)
        self.statuses.pop(stream_id, None)
        self.over.discard(stream_id)

    async def aclose(self) -> None:
        """Close without a word."""
        self.writer.transport.abort()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _next(self) -> None:
        async with self._news:
            await self._news.wait()

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(65536):
                for event in self.h2.receive_data(data):
                    self._take(event)
                if self._answers:
                    self.flush()
                await self._tell()
        except (OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            self.closed.set()
            await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.ResponseReceived(stream_id=int(stream_id)):
                self.statuses[stream_id] = next(
                    str(value) for name, value in event.headers or () if str(name) == ":status"
                )
            case h2.events.DataReceived(stream_id=int(stream_id)):
                self.bodies.setdefault(stream_id, bytearray()).extend(event.data or b"")
                if event.flow_controlled_length:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, stream_id)
            case h2.events.StreamEnded(stream_id=int(stream_id)) | h2.events.StreamReset(stream_id=int(stream_id)):
                self.over.add(stream_id)
            case h2.events.PingAckReceived():
                self._acknowledged = True
            case h2.events.ConnectionTerminated():
                self.goaway = int(event.error_code or 0)
            case _:
                pass


@asynccontextmanager
async def connected(address: Address, *, greets: bool = True) -> AsyncIterator[Wire]:
    """Connect; with ``greets`` HTTP/2 is spoken, without it nothing is sent and nothing is read."""
    context = ssl.create_default_context(cafile=str(address.ca_certificate))
    context.set_alpn_protocols(["h2"])
    async with asyncio.timeout(_LIMIT_S):
        wire = Wire(*await asyncio.open_connection(address.host, address.port, ssl=context))
    try:
        if greets:
            wire.start()
        yield wire
    finally:
        await wire.aclose()


async def ask(address: Address) -> float:
    """Behave well: type a question, wait for the whole answer, and return how many seconds that took."""
    began = asyncio.get_running_loop().time()
    async with connected(address) as wire:
        stream_id = wire.request()
        *asking, audio_end, prompt_end, session_end = map(as_json, SESSIONS[1])
        for event in asking:
            await wire.send(stream_id, message(event))
        listening = asyncio.create_task(_stay_on_the_line(wire, stream_id), name="hostile-client")
        await wire.until_event(stream_id, "contentEnd", type="AUDIO", stopReason="END_TURN")
        listening.cancel()
        for event in (audio_end, prompt_end, session_end):
            await wire.send(stream_id, message(event))
        await wire.send(stream_id, b"", end=True)
        await wire.until_over(stream_id)
    return asyncio.get_running_loop().time() - began


async def _stay_on_the_line(wire: Wire, stream_id: int) -> None:
    """Send silence, as microphones do, so that the stream is not taken for idle."""
    while True:
        await asyncio.sleep(0.2)
        await wire.send(stream_id, message(as_json(SESSIONS[1][12])))
