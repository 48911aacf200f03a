"""Local Sonic with ears that know an utterance by its loudness and a mouth of silence: quick and repeatable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nova_agent.localsonic.brain.port import Action, CallTool, Conversation, Say, ToolReturned, UserSaid
from nova_agent.localsonic.listening import Samples, VoiceActivity
from nova_agent.localsonic.voices import Voice

RATE_HZ: Final = 16_000
_STEP: Final = 1000
_MS_PER_CHARACTER: Final = 30


def utterance(number: int, *, speech_ms: int = 480, silence_ms: int = 700) -> bytes:
    """PCM s16le, mono, 16 kHz: a tone whose loudness is the number (1 to 25), and the pause that ends a turn."""
    at = np.arange(speech_ms * RATE_HZ // 1000)
    tone = np.where(at // 20 % 2, 1, -1) * (4000 + number * _STEP)
    return tone.astype("<i2").tobytes() + bytes(silence_ms * RATE_HZ // 1000 * 2)


class LoudEars:
    """Hears "number N" in a tone."""

    async def load(self) -> None: ...

    async def aclose(self) -> None: ...

    def voice_activity(self) -> VoiceActivity:
        return _Loudness()

    async def transcribe(self, samples: Samples) -> str:
        return f"number {round((float(np.abs(samples).max()) * 32768 - 4000) / _STEP)}"


class _Loudness:
    def probability(self, window: Samples) -> float:
        return float(np.abs(window).max() > 0.1)


class SilentMouth:
    """30 ms of silence a character."""

    async def load(self) -> None: ...

    async def aclose(self) -> None: ...

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        return bytes(len(text) * _MS_PER_CHARACTER * rate_hz // 1000 * 2)


class CountingBrain:
    """Answers "number N" with "Answer N."; every fifth by way of a tool; goes on when asked to."""

    def __init__(self, *, tool_every: int = 5) -> None:
        self._tool_every = tool_every

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        said = [item.text for item in conversation.items if isinstance(item, UserSaid)]
        last = conversation.items[-1]
        if isinstance(last, UserSaid) and last.typed:
            earlier = [turn.text for turn in conversation.history if turn.role == "ASSISTANT"]
            return [Say(f"Going on after: {earlier[-1] if earlier else 'nothing'}")]
        number = said[-1].removeprefix("number ")
        if isinstance(last, UserSaid) and self._tool_every and int(number) % self._tool_every == 0:
            return [Say("One moment."), CallTool("look_up", {"number": number})]
        if isinstance(last, ToolReturned):
            return [Say(f"Answer {number}, looked up. It is here.")]
        return [Say(f"Answer {number}. That was it.")]
