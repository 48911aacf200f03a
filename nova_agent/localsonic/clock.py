"""The one clock of Local Sonic. Every duration that is not counted in received audio goes through it."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Simulated seconds."""

    def now(self) -> float:
        """Return simulated seconds since an arbitrary start."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many simulated seconds."""
        ...


class ScaledClock:
    """Real time, running ``speed`` times as fast: at 4.0 a simulated minute takes 15 real seconds."""

    def __init__(self, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above zero, not {speed}")
        self._speed = speed
        self._started = time.monotonic()

    def now(self) -> float:
        return (time.monotonic() - self._started) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0) / self._speed)
