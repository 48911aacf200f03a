"""Local Sonic in this process, whose turn timings can be read, and the speech of the callers that phone it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.talker import record_speech
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.mouth import HibariMouth, Mouth
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.timing import TurnTiming
from nova_agent.localsonic.voices import Voice
from nova_agent.simulate.local_speech import caller_parts


class FreshMouth:
    """Local Sonic's mouth without its memory: a sentence that is asked in every call is synthesised in every call."""

    def __init__(self, mouth: Mouth | None = None) -> None:
        self._mouth = mouth or HibariMouth()
        self._numbers = count()

    async def load(self) -> None:
        await self._mouth.load()

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        # A voice that was never heard before: what is remembered is remembered by voice.
        unheard = replace(voice, name=f"{voice.name}-{next(self._numbers)}")
        return await self._mouth.speak(text, voice=unheard, rate_hz=rate_hz)

    async def aclose(self) -> None:
        await self._mouth.aclose()


@dataclass(frozen=True, slots=True)
class TimedSonic:
    """A running endpoint and the file of the caller's speech."""

    sonic: LocalSonic
    speech: Path

    def take_timings(self) -> list[TurnTiming]:
        """Return the turns since the last time, in order, and forget them."""
        timings = list(self.sonic.turn_timings)
        self.sonic.turn_timings.clear()
        return timings


@asynccontextmanager
async def recorded_speech() -> AsyncIterator[Path]:
    """Make the caller's speech in a temporary file."""
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        speech = Path(folder) / "speech.npz"
        async with caller_parts() as parts:
            await record_speech(parts, speech)
        yield speech


@asynccontextmanager
async def timed_sonic() -> AsyncIterator[TimedSonic]:
    """Run an endpoint in this process, in real time, with all models loaded.

    Raises:
        MissingExtra: a package of Local Sonic is not installed.
    """
    async with recorded_speech() as speech, LocalSonic(LocalSonicConfig(), mouth=FreshMouth()) as sonic:
        yield TimedSonic(sonic, speech)
