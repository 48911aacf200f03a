"""Fakes of Local Sonic's ports."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import numpy as np
import pytest

from nova_agent.localsonic.brain.port import Action, Conversation
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.facts import AudioArrived, AudioStarted, Fact, ToolResultGiven
from nova_agent.localsonic.frames import Frame, FrameDecoder
from nova_agent.localsonic.inputs import PromptStarted
from nova_agent.localsonic.listening import Samples, VoiceActivity
from nova_agent.localsonic.models import Model, find_model
from nova_agent.localsonic.prompt import Parts, Prompt, StreamContext
from nova_agent.localsonic.timing import TurnTiming
from nova_agent.localsonic.verdicts import Verdicts
from nova_agent.localsonic.voices import Voice

MS_PER_CHARACTER = 50


class FakeClock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self._now = 100.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            woken = asyncio.Event()
            self._sleepers.append((self._now + seconds, woken))
            await woken.wait()

    async def advance(self, seconds: float) -> None:
        """Move on, in steps, so that what wakes up can sleep again."""
        ends_at = self._now + seconds
        while True:
            await settle()
            due = min((at for at, woken in self._sleepers if not woken.is_set()), default=ends_at)
            self._now = min(max(due, self._now), ends_at)
            for at, woken in self._sleepers:
                if at <= self._now:
                    woken.set()
            if due > ends_at or (due == ends_at and all(woken.is_set() for _, woken in self._sleepers)):
                break
        await settle()


class FakeMouth:
    """50 ms of silence a character, at once."""

    def __init__(self) -> None:
        self.spoken: list[str] = []

    async def load(self) -> None: ...

    async def aclose(self) -> None: ...

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        self.spoken.append(text)
        return bytes(len(text) * MS_PER_CHARACTER * rate_hz // 1000 * 2)


class FakeEars:
    """Hears the texts it is given, one an utterance."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.ready = asyncio.Event()
        self.ready.set()

    async def load(self) -> None: ...

    async def aclose(self) -> None: ...

    def voice_activity(self) -> VoiceActivity:
        return LoudnessActivity()

    async def transcribe(self, samples: Samples) -> str:
        await self.ready.wait()
        return self.texts.pop(0)


class LoudnessActivity:
    """Takes everything loud for speech."""

    def probability(self, window: Samples) -> float:
        return float(abs(window).max() > 0.1)


class FakeBrain:
    """Gives the prepared answers in turn, then stays silent; keeps what it was shown last.

    ``supplied``: what it says that the caller says, one an utterance; ``None`` and nothing leave it to the ears.
    """

    def __init__(self, *answers: Sequence[Action]) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.conversation = Conversation()
        self.supplied: list[str | None] = []

    def next_words(self) -> str | None:
        return self.supplied.pop(0) if self.supplied else None

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        self.asked += 1
        self.conversation = conversation
        return self.answers.pop(0) if self.answers else []


class FakeOutlet:
    """Keeps what was sent."""

    def __init__(self) -> None:
        self.data = b""

    def send(self, data: bytes) -> None:
        self.data += data

    async def drained(self) -> None: ...

    @property
    def frames(self) -> list[Frame]:
        return FrameDecoder().feed(self.data)

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        return [read_event(frame) for frame in self.frames]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [body for found, body in self.events if found == name]

    @property
    def outline(self) -> list[str]:
        """Blocks and events in order, without audio data and usage."""
        lines: list[str] = []
        for name, body in self.events:
            if name == "contentStart":
                stage = json.loads(body.get("additionalModelFields", "{}")).get("generationStage", "")
                lines.append(" ".join(part for part in (body["type"], body["role"], stage) if part))
            elif name == "contentEnd":
                lines.append(body["stopReason"])
            elif name in ("textOutput", "toolUse"):
                lines.append(body["content"])
            elif name not in ("audioOutput", "usageEvent"):
                lines.append(name)
        return lines


def read_event(frame: Frame) -> tuple[str, dict[str, Any]]:
    """Return an output event's name and body."""
    event = json.loads(base64.b64decode(json.loads(frame.payload)["bytes"]))
    ((name, body),) = event["event"].items()
    return name, body


async def settle() -> None:
    """Let every task run until all of them wait."""
    for _ in range(30):
        await asyncio.sleep(0)


class PromptDriver:
    """One prompt over fakes, driven by facts."""

    def __init__(
        self,
        brain: FakeBrain,
        *heard: str,
        model_id: str = "amazon.nova-2-5-sonic",
        max_tokens: int = 1024,
        **settings: Any,
    ) -> None:
        self.clock, self.outlet = FakeClock(), FakeOutlet()
        self.ears, self.mouth, self.brain = FakeEars(*heard), FakeMouth(), brain
        self.timings: list[TurnTiming] = []
        self.failures: list[BaseException] = []
        model = find_model(model_id, serves_version_1=True)
        assert isinstance(model, Model)
        parts = Parts(
            config=LocalSonicConfig(**settings),
            clock=self.clock,
            ears=self.ears,
            mouth=self.mouth,
            make_brain=lambda: brain,
            record=self.timings.append,
        )
        context = StreamContext(
            parts=parts,
            model=model,
            session_id="session",
            sensitivity="MEDIUM",
            max_tokens=max_tokens,
            brain=brain,
            verdicts=Verdicts(parts.config.profile),
            outlet=self.outlet,
            failed=self.failures.append,
        )
        self.prompt = Prompt(_PROMPT, context)
        self.prompt.handle(AudioStarted(16000))
        self._task = asyncio.create_task(self.prompt.run())

    async def hear(self, *, speech_ms: int = 0, silence_ms: int = 0) -> None:
        """The caller's audio arrives, all at once."""
        loud = (np.ones(speech_ms * 16) * 16000).astype("<i2").tobytes()
        self.prompt.handle(AudioArrived(loud + bytes(silence_ms * 32)))
        await settle()

    async def say(self) -> None:
        """A whole utterance, with the pause that ends it."""
        await self.hear(speech_ms=640, silence_ms=512)

    async def give(self, *facts: Fact) -> None:
        for fact in facts:
            self.prompt.handle(fact)
        await settle()

    async def answer_tool(self, index: int, content: str = '{"a": 1}') -> None:
        await self.give(ToolResultGiven(self.outlet.named("toolUse")[index]["toolUseId"], content))

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


_PROMPT = PromptStarted.model_validate(
    {
        "promptName": "prompt",
        "audioOutputConfiguration": {
            "mediaType": "audio/lpcm",
            "sampleRateHertz": 24000,
            "sampleSizeBits": 16,
            "channelCount": 1,
            "voiceId": "tiffany",
        },
    }
)


@pytest.fixture
async def drive() -> AsyncIterator[Callable[..., PromptDriver]]:
    """Make a prompt; call with the brain's answers, and as ``heard`` what the ears understand."""
    drivers: list[PromptDriver] = []

    def make(*answers: Sequence[Action], heard: Sequence[str] = (), **settings: Any) -> PromptDriver:
        drivers.append(PromptDriver(FakeBrain(*answers), *heard, **settings))
        return drivers[-1]

    yield make
    for driver in drivers:
        await driver.close()
        assert driver.failures == []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def outlet() -> FakeOutlet:
    return FakeOutlet()
