"""Endpoints in a process of their own, so that what they hold and do is not counted with the client's.

The process is a module that :func:`serve` runs. It is told its set-up in one line of JSON on standard input, tells
where its endpoints are in one line on standard output, and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

import aiohttp

from benchmarks.faults.columns import ROOT
from nova_agent.localsonic.server import LocalSonic

ANY_CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "local-sonic", "AWS_SECRET_ACCESS_KEY": "local-sonic"}
"""Local Sonic takes any signature, and must not be sent a real one's key id."""

_START_LIMIT_S: Final = 120.0
_STOP_LIMIT_S: Final = 10.0
_ASK_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where an endpoint is."""

    url: str
    ca_bundle: str
    control_url: str

    async def ask(self, path: str) -> Any:
        """Ask its control port.

        Raises:
            aiohttp.ClientError: it does not answer, or not with what was asked for.
        """
        return await self._request("GET", path)

    async def plan_faults(self, faults: Sequence[str]) -> None:
        """Let these faults come, and no others.

        Raises:
            aiohttp.ClientError: it does not answer, or does not know one of them.
        """
        await self._request("DELETE", "/faults")
        if faults:
            await self._request("POST", "/faults", data="\n".join(faults))

    async def forget_streams(self) -> None:
        """Begin the ledger anew.

        Raises:
            aiohttp.ClientError: it does not answer.
        """
        await self._request("DELETE", "/streams")

    async def _request(self, method: str, path: str, data: str | None = None) -> Any:
        limit = aiohttp.ClientTimeout(total=_ASK_LIMIT_S)
        async with (
            aiohttp.ClientSession(timeout=limit, raise_for_status=True) as session,
            session.request(method, self.control_url + path, data=data) as answer,
        ):
            return await answer.json()


@asynccontextmanager
async def serve(module: str, set_up: Mapping[str, Any]) -> AsyncIterator[list[Served]]:
    """Run the endpoints of a module until the block ends.

    Raises:
        TimeoutError: they did not get ready in time.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module), cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - asked for above
    try:
        process.stdin.write(json.dumps(set_up).encode() + b"\n")
        async with asyncio.timeout(_START_LIMIT_S):
            served = [Served(**one) for one in json.loads(await process.stdout.readline())]
        yield served
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def told() -> dict[str, Any]:
    """In the endpoints' process: return the set-up."""
    return dict(json.loads(sys.stdin.readline()))


async def tell_and_wait(*endpoints: LocalSonic) -> None:
    """In the endpoints' process: tell where they are, and return when they are not wanted any more."""
    served = [Served(one.endpoint_url, str(one.ca_bundle), one.control_url or "") for one in endpoints]
    print(json.dumps([asdict(one) for one in served]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
