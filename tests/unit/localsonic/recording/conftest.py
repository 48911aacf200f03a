"""Recordings in memory, and the two ends of a relay."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nova_agent.localsonic.frames import Frame, FrameDecoder, HeaderValue, encode_frame
from nova_agent.localsonic.recording.entries import AnyEntry
from nova_agent.localsonic.recording.upstream import Response, UpstreamFailed

HEADER = {
    "format": "nova-agent/sonic-recording",
    "version": 1,
    "model_id": "amazon.nova-2-sonic-v1:0",
    "recorded_at": "2026-11-24T19:10:08Z",
}
SIGNED: dict[str, HeaderValue] = {":date": datetime(2026, 1, 1, tzinfo=UTC), ":chunk-signature": bytes(32)}
INNER = {":message-type": "event", ":event-type": "chunk", ":content-type": "application/json"}


def sound(ms: int) -> str:
    """Base64 of silence: PCM s16le, mono, 16 kHz."""
    return base64.b64encode(bytes(32 * ms)).decode()


def message(name: str, /, **body: Any) -> bytes:
    """What a client sends for an event."""
    return wrapped(json.dumps({"event": {name: body}}).encode())


def wrapped(raw: bytes) -> bytes:
    """A client's payload in its two frames."""
    payload = json.dumps({"bytes": base64.b64encode(raw).decode()}).encode()
    return encode_frame(Frame(SIGNED, encode_frame(Frame(INNER, payload))))


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., Path]:
    """Write a recording: its lines, after the header."""

    def write(*lines: Mapping[str, Any] | str, header: Mapping[str, Any] = HEADER) -> Path:
        path = tmp_path / "call.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line) for line in (header, *lines)]
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return path

    return write


class FakeLines:
    """Keeps a recording's lines; every line is a millisecond after the one before."""

    path = Path("call.jsonl")

    def __init__(self) -> None:
        self.entries: list[AnyEntry] = []
        self.is_closed = False

    @property
    def elapsed_ms(self) -> int:
        return len(self.entries)

    def write(self, entry: AnyEntry) -> None:
        self.entries.append(entry)

    def close(self) -> None:
        self.is_closed = True

    @property
    def outline(self) -> list[str]:
        """Direction and kind of each line."""
        return [f"{entry.direction} {self._kind(entry)}" for entry in self.entries]

    def _kind(self, entry: AnyEntry) -> str:
        return type(entry).__name__.removesuffix("Entry").lower()


class FakeAnswer:
    """Keeps what a client would get."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.data = b""
        self.is_ended = False
        self.reset_code: int | None = None

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.headers = status, dict(headers)

    def send(self, data: bytes) -> None:
        self.data += data

    async def drained(self) -> None: ...

    def end(self) -> None:
        self.is_ended = True

    def reset(self, code: int) -> None:
        self.reset_code = code

    @property
    def frames(self) -> list[Frame]:
        return FrameDecoder().feed(self.data)


class FakeService:
    """An upstream and its one stream: answers with the pieces given, when the first event has come."""

    url = "https://service.test"

    def __init__(self, *pieces: bytes, status: int = 200, broken_off: str = "", **headers: str) -> None:
        self._pieces = pieces
        self._response = Response(status, {name.replace("_", "-"): value for name, value in headers.items()})
        self.broken_off = broken_off
        self.opened: list[str] = []
        self.received: list[bytes] = []
        self.input_ended = self.is_closed = False
        self.fails_at = ""
        self.failure: UpstreamFailed | None = None

    async def open(self, model_id: str) -> FakeService:
        self._fail_at("open")
        self.opened.append(model_id)
        return self

    async def send(self, payload: bytes) -> None:
        self._fail_at("send")
        self.received.append(payload)

    async def end_input(self) -> None:
        self.input_ended = True

    async def response(self) -> Response:
        self._fail_at("response")
        return self._response

    async def body(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece

    async def aclose(self) -> None:
        self.is_closed = True

    def _fail_at(self, place: str) -> None:
        if self.failure is not None and self.fails_at == place:
            raise self.failure


@pytest.fixture
def lines() -> FakeLines:
    return FakeLines()


@pytest.fixture
def answer() -> FakeAnswer:
    return FakeAnswer()
