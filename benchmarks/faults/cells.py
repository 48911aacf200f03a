"""One call of one client against one fault: starts the client's process, brings back what its caller saw."""

from __future__ import annotations

import asyncio
import json
import os
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pydantic import TypeAdapter

from benchmarks.faults.caller import CallSeen
from benchmarks.faults.clips import load_clips
from benchmarks.faults.columns import ROOT, Column
from benchmarks.faults.endpoint import faulty_sonic
from benchmarks.faults.job import Job
from benchmarks.faults.rows import Row
from benchmarks.faults.stalls import watch_stalls
from nova_agent.localsonic.verdicts import Profile

CLOSE_LIMIT_S: Final = 15.0
_LOST_TURNS: Final = 3
_LIMIT_S: Final = 300.0
_LASTING_LIMIT_S: Final = 90.0
_MARGIN_S: Final = 60.0
"""For the start of the process, and for the turn in which a caller's time runs out."""
_READ_BYTES: Final = 2**22
_SEEN: Final = TypeAdapter(CallSeen)


class CallFailed(Exception):
    """A client's process did not bring back a result; the message is the end of what it wrote to standard error."""


@dataclass(frozen=True, slots=True)
class CallHeld:
    """``closed_s``: how long the client took to take itself down; ``None`` when it was killed after
    :data:`CLOSE_LIMIT_S`. ``fired``: how many faults struck. ``stalled_ms``: the longest that the endpoint's process
    had to wait for the machine, which the client is not to blame for."""

    seen: CallSeen
    closed_s: float | None
    fired: int
    stalled_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Studio:
    """What all calls share. ``profile``: the endpoint's. ``logs``: where clients' standard error goes."""

    clips: Path
    turns: int
    profile: Profile = "strict"
    logs: Path | None = None

    async def hold_call(self, row: Row, column: Column, run: int) -> CallHeld:
        """Hold one call.

        Raises:
            CallFailed: the client's process ended, or told nothing in time.
        """
        async with AsyncExitStack() as stack:
            clips = load_clips(self.clips)
            # An authority for each: endpoints that start at the same moment cannot make one together.
            ca_dir = Path(stack.enter_context(TemporaryDirectory(prefix="nova-benchmarks-")))
            serving = faulty_sonic(row, self.turns, clips, ca_dir=ca_dir, profile=self.profile)
            sonic = await stack.enter_async_context(serving)
            job = self._job(row, column, sonic.endpoint_url, str(sonic.ca_bundle))
            stalls = await stack.enter_async_context(watch_stalls())
            module = column.lasting if row.lasts and column.lasting else column.module
            process = await _start(column, module, job, self._log_file(row, column, run, stack))
            try:
                seen = await _result(process, job)
                closed_s = await _closed(process)
            finally:
                await _kill(process)
            return CallHeld(seen, closed_s, len(sonic.faults.fired), stalls.worst_ms)

    def _job(self, row: Row, column: Column, url: str, ca_bundle: str) -> Job:
        return Job(
            column=column.name,
            endpoint_url=url,
            ca_bundle=ca_bundle,
            clips=str(self.clips),
            turns=self.turns,
            lost_turns=self.turns if row.lasts else _LOST_TURNS,
            limit_s=_LASTING_LIMIT_S if row.lasts else _LIMIT_S,
            age_s=row.age_s,
            quota_used=row.quota_used,
        )

    def _log_file(self, row: Row, column: Column, run: int, stack: AsyncExitStack) -> int:
        if self.logs is None:
            return asyncio.subprocess.DEVNULL
        name = f"{row.name}-{column.name}-{run}.log".replace(" ", "_").replace(",", "")
        return stack.enter_context((self.logs / name).open("wb")).fileno()


async def _start(column: Column, module: str, job: Job, errors: int) -> Process:
    process = await asyncio.create_subprocess_exec(
        *(str(column.interpreter), "-m", module),
        cwd=ROOT,
        env={**os.environ, **_environment(job)},
        stdin=PIPE,
        stdout=PIPE,
        stderr=errors,
        limit=_READ_BYTES,
    )
    assert process.stdin is not None  # noqa: S101 - asked for above
    process.stdin.write(json.dumps(asdict(job)).encode())
    process.stdin.close()
    return process


def _environment(job: Job) -> Mapping[str, str]:
    """Local Sonic takes any signature, and must not be sent a real one's key id."""
    environment = {
        "AWS_ACCESS_KEY_ID": "local-sonic",
        "AWS_SECRET_ACCESS_KEY": "local-sonic",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": job.endpoint_url,
        "SSL_CERT_FILE": job.ca_bundle,
    }
    if job.age_s is not None:
        environment["LK_SESSION_MAX_DURATION"] = str(round(job.age_s))
    return environment


async def _result(process: Process, job: Job) -> CallSeen:
    """The line that is the result; other lines are what somebody's library had to say."""
    assert process.stdout is not None  # noqa: S101 - asked for when it was started
    try:
        async with asyncio.timeout(_MARGIN_S + job.limit_s):
            async for line in process.stdout:
                if line.startswith(b'{"turns"'):
                    return _SEEN.validate_json(line)
    except TimeoutError as error:
        raise CallFailed(f"{job.column} told nothing within {_MARGIN_S + job.limit_s:.0f} s") from error
    raise CallFailed(f"{job.column} ended with exit code {await process.wait()} and without a result")


async def _closed(process: Process) -> float | None:
    began = time.monotonic()
    try:
        async with asyncio.timeout(CLOSE_LIMIT_S):
            await process.wait()
    except TimeoutError:
        return None
    return time.monotonic() - began


async def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
