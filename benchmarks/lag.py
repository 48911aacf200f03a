"""How late an event loop is: a task that sleeps, and notes by how much longer it slept than it wanted."""

from __future__ import annotations

import asyncio
import time
from typing import Final

_INTERVAL_S: Final = 0.02


class LoopLag:
    """Lateness of this loop, 50 times a second."""

    def __init__(self) -> None:
        self._lags_s: list[float] = []

    async def follow(self) -> None:
        """Note until cancelled."""
        while True:
            due_at = time.perf_counter() + _INTERVAL_S
            await asyncio.sleep(_INTERVAL_S)
            self._lags_s.append(time.perf_counter() - due_at)

    def take(self) -> list[float]:
        """Return what was noted since the last time, in seconds."""
        lags_s, self._lags_s = self._lags_s, []
        return lags_s
