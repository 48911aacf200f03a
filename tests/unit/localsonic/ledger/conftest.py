"""A ledger whose time stands still, and a stream's input by hand."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from nova_agent.localsonic.facts import Fact
from nova_agent.localsonic.inputs import PARSERS, InputEvent
from nova_agent.localsonic.ledger import Ledger, StreamLedger
from nova_agent.localsonic.protocol import SessionProtocol
from nova_agent.localsonic.rejections import UNPARSEABLE, StreamRejected

FORM = {"mediaType": "audio/lpcm", "sampleRateHertz": 16000, "sampleSizeBits": 16, "channelCount": 1}


class Hands:
    """A clock that is set by hand; simulated time runs twice as fast as real time, from 0."""

    def __init__(self) -> None:
        self.at_s = 1000.0

    def now(self) -> float:
        return (self.at_s - 1000.0) * 2

    def monotonic(self) -> float:
        return self.at_s

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


class Feeder:
    """One stream, fed event by event through the real protocol core."""

    def __init__(self, ledger: Ledger, clock: Hands, stream_id: str, headers: Mapping[str, str]) -> None:
        self._clock = clock
        self._protocol = SessionProtocol()
        self.recorder = ledger.open(stream_id, "amazon.nova-2-sonic-v1:0", headers)
        self.stream: StreamLedger = ledger.streams[-1]

    def send(self, name: str, /, **body: Any) -> None:
        self.send_raw(json.dumps({"event": {name: body}}).encode())

    def send_raw(self, raw: bytes) -> None:
        event = self.recorder.read(raw, _read)
        facts: list[Fact] = [] if event is None else self._protocol.receive(event)
        for fact in facts:
            self.recorder.meant(fact)

    def open(self, *tools: str, system: str = "Be kind.") -> None:
        """Everything before the audio."""
        spec = [{"toolSpec": {"name": name, "inputSchema": {"json": "{}"}}} for name in tools]
        self.send("sessionStart")
        voice = {**FORM, "voiceId": "amy"}
        self.send("promptStart", promptName="p", audioOutputConfiguration=voice, toolConfiguration={"tools": spec})
        self.text("SYSTEM", system)

    def text(self, role: str, words: str, *, interactive: bool = False, name: str = "t") -> None:
        where = {"promptName": "p", "contentName": name}
        self.send("contentStart", **where, type="TEXT", role=role, interactive=interactive)
        self.send("textInput", **where, content=words)
        self.send("contentEnd", **where)

    def tool_result(self, tool_use_id: str, content: str) -> None:
        where = {"promptName": "p", "contentName": "r"}
        form = {"toolUseId": tool_use_id, "type": "TEXT", "textInputConfiguration": {"mediaType": "text/plain"}}
        self.send("contentStart", **where, type="TOOL", role="TOOL", toolResultInputConfiguration=form)
        self.send("toolResult", **where, content=content)
        self.send("contentEnd", **where)

    def open_audio(self, name: str = "a") -> None:
        audio = {"promptName": "p", "contentName": name, "type": "AUDIO", "role": "USER"}
        self.send("contentStart", **audio, audioInputConfiguration=FORM)

    def audio(self, *chunks: int, every_s: float = 0.016, name: str = "a") -> None:
        """Silent chunks of so many samples, each after so many real seconds."""
        for samples in chunks:
            self._clock.at_s += every_s
            self.pcm(bytes(samples * 2), name=name)

    def pcm(self, pcm: bytes, *, name: str = "a") -> None:
        self.send("audioInput", promptName="p", contentName=name, content=base64.b64encode(pcm).decode())

    def close(self) -> None:
        """The ordinary end of a session."""
        self.send("contentEnd", promptName="p", contentName="a")
        self.send("promptEnd", promptName="p")
        self.send("sessionEnd")
        self.recorder.ended("half-close")


def _read(raw: bytes) -> InputEvent:
    try:
        ((name, body),) = json.loads(raw)["event"].items()
        return PARSERS[name](body)
    except (ValueError, KeyError, ValidationError) as error:
        raise StreamRejected(UNPARSEABLE) from error


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def ledger(hands: Hands) -> Ledger:
    return Ledger(hands, keep_streams=3, monotonic=hands.monotonic, wall=lambda: datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def feed(ledger: Ledger, hands: Hands) -> Callable[..., Feeder]:
    """Open a stream of the ledger; call with its id and its request's headers."""

    def make(stream_id: str = "one", headers: Mapping[str, str] | None = None) -> Feeder:
        return Feeder(ledger, hands, stream_id, headers or {})

    return make
