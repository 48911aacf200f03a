"""Processes of a measurement: the agent's side, and Local Sonic where its CPU has to be told apart."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from benchmarks.agent import Job
from benchmarks.marks import AgentRun

_START_LIMIT_S: Final = 30.0
_STOP_LIMIT_S: Final = 10.0
_CALL_LIMIT_S: Final = 600.0
_ANY_CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "local-sonic", "AWS_SECRET_ACCESS_KEY": "local-sonic"}
"""Local Sonic takes any signature, and must not be sent a real one's key id."""


class AgentFailed(Exception):
    """The agent's process did not bring back a result."""


async def run_agent(job: Job) -> AgentRun:
    """Do ``job`` in a fresh interpreter.

    Raises:
        AgentFailed: it failed; the message is what it wrote to standard error.
        TimeoutError: it took more than ten minutes.
    """
    return TypeAdapter(AgentRun).validate_json(await run_module("benchmarks.agent", TypeAdapter(Job).dump_json(job)))


async def run_module(module: str, job: bytes) -> bytes:
    """Run ``module`` in a fresh interpreter with ``job`` on its standard input; return its last line.

    Raises:
        AgentFailed: it failed; the message is what it wrote to standard error.
        TimeoutError: it took more than ten minutes.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | _ANY_CREDENTIALS,
    )
    try:
        async with asyncio.timeout(_CALL_LIMIT_S):
            out, err = await process.communicate(job)
    finally:
        await _stop(process)
    if process.returncode != 0 or not out.strip():
        raise AgentFailed(err.decode(errors="replace").strip()[-2000:])
    return out.splitlines()[-1]


@dataclass(frozen=True, slots=True)
class ServedSonic:
    """A Local Sonic in a process of its own."""

    endpoint_url: str
    ca_bundle: Path
    pid: int


@asynccontextmanager
async def serve_sonic() -> AsyncIterator[ServedSonic]:
    """Run ``nova-agent sonic serve`` on a free port until the block ends.

    Raises:
        TimeoutError: it did not get ready in time.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "nova_agent", "sonic", "serve", "--json", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None  # noqa: S101 – asked for above
        async with asyncio.timeout(_START_LIMIT_S):
            facts = json.loads(await process.stdout.readline())
        yield ServedSonic(facts["endpoint_url"], Path(facts["ca_bundle"]), process.pid)
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_LIMIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
