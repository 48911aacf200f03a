"""An endpoint without models: it hears nothing, and answers what is typed with a second of silence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nova_agent.localsonic.brain import make_brain
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.listening import Samples, VoiceActivity
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.voices import Voice


class DeafEars:
    """Takes everything for silence."""

    async def load(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    def voice_activity(self) -> VoiceActivity:
        return _NoVoice()

    async def transcribe(self, samples: Samples) -> str:
        return ""


class _NoVoice:
    def probability(self, window: Samples) -> float:
        return 0.0


class SilentMouth:
    """Says everything in one second, in silence."""

    async def load(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        return bytes(rate_hz * 2)


@asynccontextmanager
async def quiet_sonic(*faults: str, **settings: Any) -> AsyncIterator[LocalSonic]:
    """Serve, with these faults to come. Its certificates are gone when it stops."""
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        config = LocalSonicConfig(ca_dir=Path(folder), faults=faults, **settings)
        async with LocalSonic(config, brain_factory=make_brain("echo"), ears=DeafEars(), mouth=SilentMouth()) as sonic:
            yield sonic
