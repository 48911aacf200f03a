"""Notices when this process got no turn on the machine: what happened meanwhile says nothing about a client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

_TICK_S: Final = 0.05


@dataclass(slots=True)
class Stalls:
    """``worst_ms``: the latest that a task was woken, in this block."""

    worst_ms: float = 0.0


@asynccontextmanager
async def watch_stalls() -> AsyncIterator[Stalls]:
    """Watch the event loop until the block ends."""
    stalls = Stalls()
    watching = asyncio.create_task(_watch(stalls))
    try:
        yield stalls
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(stalls: Stalls) -> None:
    while True:
        due = time.monotonic() + _TICK_S
        await asyncio.sleep(_TICK_S)
        stalls.worst_ms = max(stalls.worst_ms, (time.monotonic() - due) * 1000)
