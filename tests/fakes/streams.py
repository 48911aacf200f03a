"""Streams without a network: they say what a test puts into them, keep what they are given, and end when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.failures import Failure
from nova_agent.sonic.history import Turn


class FakeStream:
    """Serves until :meth:`die`; ``age_s`` is what it then says of itself."""

    endpoint = SonicEndpoint("https://nowhere", "us-east-1")

    def __init__(self) -> None:
        self.age_s = 0.0
        self.cursor = self.began_at = 0
        self.system = ""
        self.history: list[Turn] = []
        self.typed: list[str] = []
        self.silence_samples = 0
        self._said: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def die(self, age_s: float) -> None:
        self.age_s = age_s
        self._said.put_nowait(None)

    def answer(self, sentence: str) -> None:
        """Let the model say a sentence, with a little audio."""
        text = {"contentId": f"text of {sentence}", "role": "ASSISTANT"}
        audio = {"contentId": f"audio of {sentence}", "role": "ASSISTANT"}
        stage = '{"generationStage":"SPECULATIVE"}'
        self._say("contentStart", **text, type="TEXT", additionalModelFields=stage)
        self._say("textOutput", **text, content=sentence)
        self._say("contentEnd", **text, type="TEXT", stopReason="PARTIAL_TURN")
        self._say("contentStart", **audio, type="AUDIO")
        self._say("audioOutput", **audio, content="A" * 640)
        self._say("contentEnd", **audio, type="AUDIO", stopReason="END_TURN")

    def _say(self, name: str, **body: Any) -> None:
        self._said.put_nowait({"event": {name: body}})

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        while (event := await self._said.get()) is not None:
            yield event

    async def begin(self, system: str, history: Sequence[Turn]) -> None:
        self.system, self.history = system, list(history)

    async def finish(self) -> None:
        self._said.put_nowait(None)

    async def close(self) -> None:
        self._said.put_nowait(None)

    def start_at(self, position: int) -> None:
        self.cursor = self.began_at = position

    def position_at(self, offset_ms: int) -> int:
        return offset_ms * 16

    async def send_audio(self, content: str, samples: int) -> None:
        self.cursor += samples
        self.silence_samples += samples if set(content) <= {"A", "="} else 0

    async def type(self, text: str) -> None:
        self.typed.append(text)


class FakeConnector:
    """Has a stream for everybody; ``refuse`` is what it raises instead."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.streams: list[FakeStream] = []
        self.released_streams: list[FakeStream] = []
        self.served = 0
        self.refuse: Exception | None = None
        self.system_text = ""

    async def connect(self) -> Any:
        if self.refuse is not None:
            raise self.refuse
        self.streams.append(FakeStream())
        return self.streams[-1]

    def system(self) -> str:
        return self.system_text

    def failed(self, stream: Any, failure: Failure) -> bool:
        return False

    def serves(self, stream: Any) -> None:
        self.served += 1

    def vacates(self, stream: Any) -> None: ...

    def over(self) -> None: ...

    def released(self, stream: Any) -> None:
        self.released_streams.append(stream)
