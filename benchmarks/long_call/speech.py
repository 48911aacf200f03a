"""Local Sonic's ears and mouth for the long call; its brain is :class:`benchmarks.faults.speech.NumberBrain`."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from benchmarks.faults.speech import Loudness, ToneMouth
from benchmarks.faults.tones import tone
from benchmarks.long_call.script import answer_tone_ms
from benchmarks.long_call.sounds import FIRST, Samples, numbers_in, spoken
from nova_agent.localsonic.listening import VoiceActivity
from nova_agent.localsonic.voices import Voice

_NUMBER: Final = re.compile(r"\d+")
_MUMBLED: Final = "something that was not understood"


class ToneEars:
    """Hears "question 123" in its three tones."""

    async def load(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    def voice_activity(self) -> VoiceActivity:
        return Loudness()

    async def transcribe(self, samples: Samples) -> str:
        numbers = await asyncio.to_thread(numbers_in, samples)
        return " ".join(f"question {number}" for number in numbers) or _MUMBLED


class NumberMouth(ToneMouth):
    """Says the number of a sentence: that of a turn in three tones, any other one in one."""

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        found = _NUMBER.search(text)
        number = int(found[0]) if found else 0
        sound = spoken(number, rate_hz, answer_tone_ms(number)) if number >= FIRST else tone(number, rate_hz)
        return sound.tobytes()
