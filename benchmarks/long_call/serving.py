"""The endpoint of the long call: the process that :func:`benchmarks.serving.serve` runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.faults.speech import NumberBrain
from benchmarks.long_call.speech import NumberMouth, ToneEars
from benchmarks.serving import tell_and_wait, told
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.log import configure_logging


async def _serve(*, speed: float, life_s: float) -> None:
    """``life_s``: how long a stream may live, in the endpoint's own seconds, which are ``speed`` times as short."""
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        config = LocalSonicConfig(
            ca_dir=Path(folder), speed=speed, life_limit_s=life_s, control_port=0, ledger_streams=1_000
        )
        async with LocalSonic(config, brain_factory=NumberBrain, ears=ToneEars(), mouth=NumberMouth()) as sonic:
            await tell_and_wait(sonic)


if __name__ == "__main__":
    configure_logging("error", json=False)
    asyncio.run(_serve(**told()))
