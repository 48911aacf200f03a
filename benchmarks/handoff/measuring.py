"""Holds the calls of every cell, one after another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Final
from urllib.parse import urlsplit

from benchmarks.handoff.job import CallHeld, Column, Job
from benchmarks.handoff.proxy import delaying_proxy
from benchmarks.handoff.report import Report
from benchmarks.processes import AgentFailed, ServedSonic, run_module, serve_sonic

_CALL: Final = "benchmarks.handoff.call"


async def measure(
    columns: Sequence[Column], delays_ms: Iterable[int], handoffs: int, tell: Callable[[str], None]
) -> Report:
    """Return the silence of so many handoffs in each cell.

    Raises:
        AgentFailed: a call came to a stop, or took another course, twice.
        TimeoutError: Local Sonic did not start.
    """
    report = Report()
    async with serve_sonic() as sonic:
        for delay_ms in delays_ms:
            address = urlsplit(sonic.endpoint_url)
            async with delaying_proxy(address.hostname or "", address.port or 0, one_way_s=delay_ms / 1000) as port:
                for column in columns:
                    held = await _held(sonic, column, port, handoffs, tell)
                    report.enter(column, delay_ms, held.silences_ms)
                    tell(f"{column}, {delay_ms} ms: {held.silences_ms}")
    return report


async def _held(sonic: ServedSonic, column: Column, port: int, handoffs: int, tell: Callable[[str], None]) -> CallHeld:
    job = json.dumps(asdict(Job(column, f"https://127.0.0.1:{port}", str(sonic.ca_bundle), handoffs))).encode()
    try:
        return CallHeld(**json.loads(await run_module(_CALL, job)))
    except AgentFailed as error:
        tell(f"{column}: once more, because: {str(error).splitlines()[-1]}")
    return CallHeld(**json.loads(await run_module(_CALL, job)))
