"""How long a call is silent at its beginning: from ``Call.run`` to the first audible frame of the opening."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from benchmarks.agent import Job
from benchmarks.endpoint import TimedSonic, timed_sonic
from benchmarks.figures import spread
from benchmarks.plugins import PluginName
from benchmarks.processes import run_agent
from benchmarks.report import Table, spread_row
from benchmarks.stages import OPENING_STAGES, TOTAL, Stages, heard_after_ms, opening_stages

PROCESSES: Final = 10
STOCK_PROCESSES: Final = 3
CALLS_A_PROCESS: Final = 2
"""The first is cold, the second is warm."""


@dataclass(slots=True)
class _Found:
    stages: list[Stages] = field(default_factory=list)
    heard_after_ms: list[float] = field(default_factory=list)


async def measure(progress: Callable[[str], None]) -> list[Table]:
    """Phone fresh processes, twice each, and return a table for cold calls, for warm calls, and beside stock."""
    found = {plugin: (_Found(), _Found()) for plugin in ("ours", "stock")}
    async with timed_sonic() as sonic:
        for number in range(PROCESSES):
            progress(f"first audio: process {number + 1} of {PROCESSES}")
            await _calls(sonic, *found["ours"], "ours")
            if number < STOCK_PROCESSES:
                await _calls(sonic, *found["stock"], "stock")
    cold, warm = found["ours"]
    return [
        _stage_table("cold: first call of a process", cold),
        _stage_table("warm: later call of a process", warm),
        _stock_table(found),
    ]


async def _calls(sonic: TimedSonic, cold: _Found, warm: _Found, plugin: PluginName) -> None:
    sonic.take_timings()
    job = Job(
        endpoint_url=sonic.sonic.endpoint_url,
        ca_bundle=sonic.sonic.ca_bundle,
        speech=sonic.speech,
        plugin=plugin,
        calls=CALLS_A_PROCESS,
    )
    run = await run_agent(job)
    timings = sonic.take_timings()
    for number, call in enumerate(run.calls):
        found = warm if number else cold
        stages = opening_stages(call, [timing for timing in timings if timing.detected_at >= call.opening.asked])
        found.stages.extend([stages] if stages else [])
        found.heard_after_ms.extend(ms for ms in [heard_after_ms(call.opening)] if ms is not None)


def _stage_table(kind: str, found: _Found) -> Table:
    rows = [spread_row(name, spread(stages[name] for stages in found.stages)) for name in (*OPENING_STAGES, TOTAL)]
    return Table(f"First audio in ms, {kind}", ("stage", "p50", "p95", "max", "calls"), tuple(rows))


def _stock_table(found: dict[str, tuple[_Found, _Found]]) -> Table:
    rows = [
        spread_row(f"{plugin}, {kind}", spread(calls.heard_after_ms))
        for plugin, kinds in found.items()
        for kind, calls in zip(("cold", "warm"), kinds, strict=True)
    ]
    return Table("First audio in ms, both plugins in turn", ("plugin", "p50", "p95", "max", "calls"), tuple(rows))
