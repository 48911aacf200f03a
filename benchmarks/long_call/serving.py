"""The endpoint in a process of its own: ``python -m benchmarks.long_call.serving`` serves until its input ends.

It is told its set-up in one line of JSON on standard input, and tells where it is in one on standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import aiohttp

from benchmarks.faults.columns import ROOT
from benchmarks.faults.speech import NumberBrain
from benchmarks.long_call.speech import NumberMouth, ToneEars
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.log import configure_logging

_START_LIMIT_S: Final = 30.0
_STOP_LIMIT_S: Final = 10.0
_ASK_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class SetUp:
    """``life_s``: how long a stream may live, in the endpoint's own seconds, which are ``speed`` times as short."""

    speed: float
    life_s: float


@dataclass(frozen=True, slots=True)
class Served:
    """Where the endpoint is."""

    url: str
    ca_bundle: str
    control_url: str

    async def ask(self, path: str) -> Any:
        """Ask its control port.

        Raises:
            aiohttp.ClientError: it does not answer, or not with what was asked for.
        """
        limit = aiohttp.ClientTimeout(total=_ASK_LIMIT_S)
        async with (
            aiohttp.ClientSession(timeout=limit, raise_for_status=True) as session,
            session.get(self.control_url + path) as answer,
        ):
            return await answer.json()


@asynccontextmanager
async def endpoint(set_up: SetUp) -> AsyncIterator[Served]:
    """Serve until the block ends.

    Raises:
        TimeoutError: the process did not get ready in time.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.long_call.serving"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - asked for above
    try:
        process.stdin.write(json.dumps(asdict(set_up)).encode() + b"\n")
        async with asyncio.timeout(_START_LIMIT_S):
            served = Served(**json.loads(await process.stdout.readline()))
        yield served
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _serve(set_up: SetUp) -> None:
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        config = LocalSonicConfig(
            ca_dir=Path(folder), speed=set_up.speed, life_limit_s=set_up.life_s, control_port=0, ledger_streams=1_000
        )
        async with LocalSonic(config, brain_factory=NumberBrain, ears=ToneEars(), mouth=NumberMouth()) as sonic:
            served = Served(sonic.endpoint_url, str(sonic.ca_bundle), sonic.control_url or "")
            print(json.dumps(asdict(served)), flush=True)
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    configure_logging("error", json=False)
    asyncio.run(_serve(SetUp(**json.loads(sys.stdin.readline()))))
