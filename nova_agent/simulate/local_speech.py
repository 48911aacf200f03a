"""A caller's ears and voice made of Local Sonic's: Moonshine for hearing, hibari for speaking."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from nova_agent.localsonic.ears import Ears, MoonshineEars
from nova_agent.localsonic.mouth import HibariMouth, Mouth
from nova_agent.localsonic.voices import Voice as MouthVoice
from nova_agent.simulate.pcm import Pcm, as_pcm
from nova_agent.simulate.script import CallerVoice

# The mouth's one voice, resampled to pitches that lie between those of the agent's voices.
_VARIANTS: Final[dict[CallerVoice, MouthVoice]] = {
    "caller-a": MouthVoice("caller-a", 0.92),
    "caller-b": MouthVoice("caller-b", 1.05),
    "caller-c": MouthVoice("caller-c", 0.97),
    "caller-d": MouthVoice("caller-d", 1.14),
}
_RATE_HZ: Final = 24_000


class LocalHearing:
    """A caller's ears. The models are shared with whoever else was given them."""

    def __init__(self, ears: Ears) -> None:
        """Hear with ``ears``, which must have been loaded."""
        self._ears = ears

    async def transcribe(self, pcm: Pcm) -> str:
        return await self._ears.transcribe(np.asarray(pcm / 32768, dtype=np.float32))


class LocalVoice:
    """A caller's voice."""

    def __init__(self, mouth: Mouth, variant: CallerVoice) -> None:
        """Speak through ``mouth``, which must have been loaded."""
        self._mouth = mouth
        self._variant = _VARIANTS[variant]

    @property
    def rate_hz(self) -> int:
        return _RATE_HZ

    async def speak(self, text: str) -> Pcm:
        return as_pcm(await self._mouth.speak(text, voice=self._variant, rate_hz=_RATE_HZ))


@dataclass(frozen=True, slots=True)
class CallerParts:
    """A caller's own ears and mouth, not shared with the agent's endpoint; loaded, and used by one call at a time."""

    ears: Ears
    mouth: Mouth


@asynccontextmanager
async def caller_parts() -> AsyncIterator[CallerParts]:
    """Load a caller's ears and mouth, and free them afterwards.

    Raises:
        MissingExtra: a package for hearing or speaking is not installed.
    """
    parts = CallerParts(MoonshineEars(), HibariMouth())
    await parts.ears.load()
    await parts.mouth.load()
    try:
        yield parts
    finally:
        await parts.ears.aclose()
        await parts.mouth.aclose()
