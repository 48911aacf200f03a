"""Ears and a mouth that outlive the endpoints that use them: loading them takes longer than a test."""

from __future__ import annotations

import asyncio

from nova_agent.localsonic.ears import Ears, MoonshineEars
from nova_agent.localsonic.listening import Samples, VoiceActivity
from nova_agent.localsonic.mouth import HibariMouth, Mouth
from nova_agent.localsonic.voices import Voice


class KeptEars:
    """Ears that an endpoint cannot close."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears

    async def load(self) -> None:
        await self._ears.load()

    def voice_activity(self) -> VoiceActivity:
        return self._ears.voice_activity()

    async def transcribe(self, samples: Samples) -> str:
        return await self._ears.transcribe(samples)

    async def aclose(self) -> None:
        """Do nothing: their owner closes them."""


class KeptMouth:
    """A mouth that an endpoint cannot close."""

    def __init__(self, mouth: Mouth) -> None:
        self._mouth = mouth

    async def load(self) -> None:
        await self._mouth.load()

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        return await self._mouth.speak(text, voice=voice, rate_hz=rate_hz)

    async def aclose(self) -> None:
        """Do nothing: its owner closes it."""


class SpeechModels:
    """What many endpoints, one after the other, hear and speak with."""

    def __init__(self) -> None:
        self._ears, self._mouth = MoonshineEars(), HibariMouth()
        self.ears, self.mouth = KeptEars(self._ears), KeptMouth(self._mouth)

    async def load(self) -> None:
        """Load both.

        Raises:
            MissingExtra: a package for hearing or speaking is not installed.
        """
        await asyncio.gather(self._ears.load(), self._mouth.load())

    async def aclose(self) -> None:
        """Free both."""
        await asyncio.gather(self._ears.aclose(), self._mouth.aclose())
