"""The endpoint of one call: Local Sonic with a row's faults to come, and parts that cost next to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from benchmarks.faults.rows import Row
from benchmarks.faults.speech import ClipEars, NumberBrain, ToneMouth
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.verdicts import Profile
from nova_agent.simulate.pcm import Pcm

_LIFE_S: Final = LocalSonicConfig().life_limit_s
_TICK_S: Final = 0.001


@asynccontextmanager
async def faulty_sonic(
    row: Row, turns: int, clips: Mapping[int, Pcm], *, ca_dir: Path, profile: Profile
) -> AsyncIterator[LocalSonic]:
    """Serve one call of so many turns, in real time."""
    first, then = row.planned(turns)
    config = LocalSonicConfig(ca_dir=ca_dir, faults=first, life_limit_s=row.life_s or _LIFE_S, profile=profile)
    async with LocalSonic(config, brain_factory=NumberBrain, ears=ClipEars(clips), mouth=ToneMouth()) as sonic:
        following = asyncio.create_task(_follow(sonic.faults, then))
        try:
            yield sonic
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


async def _follow(plan: FaultPlan, then: Sequence[str]) -> None:
    """Plan the second faults when the first one has struck: before a client can have opened anything new."""
    while then and not plan.fired:  # noqa: ASYNC110 - the plan tells nobody when it strikes
        await asyncio.sleep(_TICK_S)
    for fault in then:
        plan.add(fault)
