"""A clock that jumps, speech that needs no models, and an agent that follows a list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from livekit import rtc

from nova_agent.simulate.caller import Patience, SyntheticCaller
from nova_agent.simulate.line import Line
from nova_agent.simulate.pcm import AGENT_RATE_HZ, Pcm
from nova_agent.simulate.script import Script

_MS_PER_CHARACTER = 60


class FakeClock:
    """Sleeping takes no time and moves the clock; ``naps`` are the lengths asked for."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now_s += max(0.0, seconds)
        for _ in range(5):
            await asyncio.sleep(0)


class FakeSpeech:
    """Voice and ears in one: each text is a constant level that it has to itself, 60 ms a character."""

    rate_hz = AGENT_RATE_HZ

    def __init__(self) -> None:
        self._texts: list[str] = []
        self.heard_ms: list[float] = []

    async def speak(self, text: str) -> Pcm:
        if text not in self._texts:
            self._texts.append(text)
        level = 1000 + 500 * self._texts.index(text)
        return np.full(len(text) * _MS_PER_CHARACTER * 24, level, dtype=np.int16)

    async def transcribe(self, pcm: Pcm) -> str:
        self.heard_ms.append(pcm.size / 16)
        levels = np.round(pcm / 500).astype(int) * 500
        edges = np.flatnonzero(np.diff(levels)) + 1
        words = [self._word(int(run[0]), run.size / 16) for run in np.split(levels, edges) if run.size >= 320]
        return " ".join(word for word in words if word)

    def _word(self, level: int, length_ms: float) -> str:
        known = level >= 1000 and (level - 1000) // 500 < len(self._texts)
        return self._texts[(level - 1000) // 500][: round(length_ms / _MS_PER_CHARACTER)] if known else ""


class ListedAgent:
    """Says its lines one by one, each after the caller has spoken and then been silent for 300 ms."""

    def __init__(self, line: Line, speech: FakeSpeech, lines: Sequence[str], *, hang_up: bool = True) -> None:
        self._line, self._speech, self._lines, self._hang_up = line, speech, lines, hang_up
        self.heard: list[str] = []

    async def run(self) -> None:
        for number, text in enumerate(self._lines, 1):
            await self.say(text)
            if number < len(self._lines) and not await self._listen():
                return
        await self._line.output.wait_for_playout()
        if self._hang_up:
            self._line.hang_up()

    async def say(self, text: str) -> None:
        pcm = await self._speech.speak(text)
        for start in range(0, pcm.size, 480):
            chunk = pcm[start : start + 480]
            await self._line.output.capture_frame(rtc.AudioFrame(chunk.tobytes(), AGENT_RATE_HZ, 1, chunk.size))
        self._line.output.flush()

    async def _listen(self) -> bool:
        """Hear one utterance; false when the line ended first. Stops talking when talked over."""
        spoken: list[Pcm] = []
        silent = 0
        async for frame in self._line.input:
            pcm = np.frombuffer(bytes(frame.data.cast("B")), dtype=np.int16)
            loud = bool(np.any(pcm))
            if loud and not spoken:
                self._line.output.clear_buffer()
            silent = 0 if loud else silent + 1
            if loud or spoken:
                spoken.append(pcm)
            if spoken and silent >= 15:
                self.heard.append(await self._speech.transcribe(np.concatenate(spoken)))
                return True
        return False


class Call:
    """One call between a scripted caller and a :class:`ListedAgent`, over a real line on a clock that jumps."""

    def __init__(self, steps: list[dict[str, Any]], lines: Sequence[str], *, hang_up: bool, patience: Patience) -> None:
        script = Script.model_validate({"persona": "test", "steps": steps})
        speech = FakeSpeech()
        self.line = Line(clock=FakeClock())
        self.agent = ListedAgent(self.line, speech, lines, hang_up=hang_up)
        self.caller = SyntheticCaller(script, self.line, speech, speech, patience=patience)

    async def run(self) -> None:
        """Hold the call; raises what the caller raises."""
        await self.caller.rehearse()
        carrying = asyncio.create_task(self.line.run())
        answering = asyncio.create_task(self.agent.run())
        try:
            await self.caller.run()
        finally:
            self.line.hang_up()
            await asyncio.gather(carrying, answering)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def speech() -> FakeSpeech:
    return FakeSpeech()


@pytest.fixture
def make_agent(speech: FakeSpeech) -> Callable[[Line, Sequence[str]], ListedAgent]:
    return lambda line, lines: ListedAgent(line, speech, lines)


@pytest.fixture
def call() -> Callable[..., Call]:
    def make(
        steps: list[dict[str, Any]], lines: Sequence[str], *, hang_up: bool = True, patience: Patience | None = None
    ) -> Call:
        return Call(steps, lines, hang_up=hang_up, patience=patience or Patience())

    return make
