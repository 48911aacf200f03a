"""The endpoints of the soak, one for each lane: the process that :func:`benchmarks.serving.serve` runs.

The model is Local Sonic's own rules. The caller's words are heard by their tones, and an answer is a tone too.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.faults.speech import ToneMouth
from benchmarks.faults.tones import tone
from benchmarks.long_call.sounds import FIRST, Samples, numbers_in
from benchmarks.long_call.speech import ToneEars
from benchmarks.serving import tell_and_wait, told
from benchmarks.soak.words import ANSWERS
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.voices import Voice
from nova_agent.log import configure_logging

_SENTENCE_MS: Final = 500
_LEDGER_STREAMS: Final = 20


class AnswerEars(ToneEars):
    """Hears the caller's answer whose number the tones tell."""

    async def transcribe(self, samples: Samples) -> str:
        numbers = numbers_in(samples)
        return " ".join(ANSWERS[number - FIRST] for number in numbers if number - FIRST < len(ANSWERS))


class EvenMouth(ToneMouth):
    """Says every sentence as one tone of half a second."""

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        return tone(len(text) % 30, rate_hz, _SENTENCE_MS).tobytes()


async def _serve(*, endpoints: int, speed: float) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="nova-benchmarks-")))
        config = LocalSonicConfig(
            ca_dir=folder, speed=speed, control_port=0, ledger_streams=_LEDGER_STREAMS, track_numbering=False
        )
        await tell_and_wait(
            *[
                await stack.enter_async_context(LocalSonic(config, ears=AnswerEars(), mouth=EvenMouth()))
                for _ in range(endpoints)
            ]
        )


if __name__ == "__main__":
    configure_logging("error", json=False)
    asyncio.run(_serve(**told()))
