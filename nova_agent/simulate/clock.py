"""The clock that paces a line. A port, so that tests run minutes of conversation in milliseconds."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Time that never goes back."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once ``seconds`` have passed; other tasks run meanwhile even when ``seconds`` is 0."""
        ...


class MonotonicClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))
