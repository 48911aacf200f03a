"""How long the caller waits: from their last word to the first audible frame of the answer, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final, Literal

from benchmarks.agent import Job
from benchmarks.endpoint import TimedSonic, timed_sonic
from benchmarks.figures import ratio, spread
from benchmarks.plugins import PluginName
from benchmarks.processes import run_agent
from benchmarks.report import Cell, Table, spread_row
from benchmarks.stages import TOTAL, TURN_STAGES, Stages, turn_stages, turns_of

TURNS_A_CALL: Final = 11
"""The survey asks for consent and ten answers."""

_PARTS: Final = {
    "tool round trip": ("tool round trip",),
    "received and first frame played": ("received by our session", "first frame played"),
    "both: the plugin's part": ("tool round trip", "received by our session", "first frame played"),
    "the whole wait": (TOTAL,),
}
"""Where the plugins can differ; the rest of the wait is the endpoint's, and differs by chance only."""


@dataclass(slots=True)
class _Found:
    """What the calls of one kind showed."""

    stages: list[Stages] = field(default_factory=list)
    recorded_ms: list[float] = field(default_factory=list)
    tools_ms: list[float] = field(default_factory=list)
    left_out: int = 0
    stuck: list[str] = field(default_factory=list)


async def measure(turns: int, progress: Callable[[str], None]) -> list[Table]:
    """Hold real survey calls in real time and return three tables: MEDIUM, HIGH, and ours beside stock.

    Args:
        turns: how many turns for each setting, rounded up to whole calls; the stock plugin gets half of the calls.
        progress: told what is being measured.
    """
    async with timed_sonic() as sonic:
        calls = ceil(turns / TURNS_A_CALL)
        medium, stock, high = _Found(), _Found(), _Found()
        paired: list[Stages] = []
        for number in range(calls):
            progress(f"latency: endpointing MEDIUM, call {number + 1} of {calls}")
            before = len(medium.stages)
            await _call(sonic, medium, "ours", "MEDIUM")
            if number < calls / 2:
                paired += medium.stages[before:]
                progress("latency: the same with the stock plugin")
                await _call(sonic, stock, "stock", "MEDIUM")
        for number in range(calls):
            progress(f"latency: endpointing HIGH, call {number + 1} of {calls}")
            await _call(sonic, high, "ours", "HIGH")
    return [_stage_table("MEDIUM", medium), _stage_table("HIGH", high), _stock_table(paired, stock)]


async def _call(
    sonic: TimedSonic, found: _Found, plugin: PluginName, turn_detection: Literal["HIGH", "MEDIUM"]
) -> None:
    sonic.take_timings()
    job = Job(
        endpoint_url=sonic.sonic.endpoint_url,
        ca_bundle=sonic.sonic.ca_bundle,
        speech=sonic.speech,
        plugin=plugin,
        turn_detection=turn_detection,
        turns=TURNS_A_CALL,
    )
    run = await run_agent(job)
    timings = sonic.take_timings()
    for call in run.calls:
        if call.stuck_on:
            found.stuck.append(call.stuck_on)
        for turn, during in turns_of(call, timings):
            stages = turn_stages(turn, during)
            found.left_out += stages is None
            found.stages.extend([stages] if stages else [])
            found.tools_ms.append(turn.tools_ms)
            found.recorded_ms.extend(ms for ms in [turn.recorded_ms] if ms is not None)


def _stage_table(turn_detection: str, found: _Found) -> Table:
    rows = [spread_row(name, spread(stages[name] for stages in found.stages)) for name in (*TURN_STAGES, TOTAL)]
    rows.append(spread_row("our tools alone (record)", spread(found.tools_ms)))
    rows.append(spread_row("metric.first_audio (record)", spread(found.recorded_ms)))
    note = f"{found.left_out} turns could not be taken apart and are left out." if found.left_out else ""
    return Table(
        f"Latency in ms, endpointing {turn_detection}",
        ("stage", "p50", "p95", "max", "turns"),
        tuple(rows),
        note + "".join(f' A call got stuck on "{words}".' for words in found.stuck),
    )


def _stock_table(ours: Sequence[Stages], stock: _Found) -> Table:
    return Table(
        "Latency in ms, both plugins, one call after the other",
        ("part", "ours p50", "stock p50", "ours / stock", "ours p95", "stock p95", "turns"),
        tuple(_beside(name, part, ours, stock.stages) for name, part in _PARTS.items()),
        "".join(f' A stock call got stuck on "{words}".' for words in stock.stuck).strip(),
    )


def _beside(name: str, part: Sequence[str], ours: Sequence[Stages], stock: Sequence[Stages]) -> tuple[Cell, ...]:
    """Compare the sum of some stages; the row is empty when either plugin has no turn."""
    mine, theirs = (spread(sum(stages[stage] for stage in part) for stages in found) for found in (ours, stock))
    if mine is None or theirs is None:
        return (name, None, None, None, None, None, 0)
    counts = min(mine.count, theirs.count)
    return (name, mine.p50, theirs.p50, ratio(mine.p50, theirs.p50), mine.p95, theirs.p95, counts)
