"""How long the caller waits: from their last word to the first audible frame of the answer, stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from benchmarks.agent import Job
from benchmarks.endpoint import TimedSonic, timed_sonic
from benchmarks.figures import ratio, spread
from benchmarks.plugins import PluginName
from benchmarks.processes import run_agent
from benchmarks.report import Table, spread_row
from benchmarks.stages import TOTAL, TURN_STAGES, Stages, heard_after_ms, turn_stages, turns_of

TURNS_A_CALL: Final = 10
"""The survey asks for consent and ten answers; the farewell after the last is not a turn of its own."""


@dataclass(slots=True)
class _Found:
    """What the calls of one kind showed."""

    stages: list[Stages] = field(default_factory=list)
    heard_after_ms: list[float] = field(default_factory=list)
    recorded_ms: list[float] = field(default_factory=list)
    tools_ms: list[float] = field(default_factory=list)
    left_out: int = 0
    stuck: list[str] = field(default_factory=list)


async def measure(turns: int, progress: Callable[[str], None]) -> list[Table]:
    """Hold real survey calls in real time and return three tables: MEDIUM, HIGH, and ours beside stock.

    Args:
        turns: how many turns at least for each setting; the stock plugin gets half of them.
        progress: told what is being measured.
    """
    async with timed_sonic() as sonic:
        progress("latency: our plugin, endpointing MEDIUM and the stock plugin, call by call")
        medium, stock = _Found(), _Found()
        while len(medium.stages) < turns and not medium.stuck:
            await _call(sonic, medium, "ours", "MEDIUM")
            if len(stock.heard_after_ms) < turns / 2 and not stock.stuck:
                await _call(sonic, stock, "stock", "MEDIUM")
        progress("latency: our plugin, endpointing HIGH")
        high = _Found()
        while len(high.stages) < turns and not high.stuck:
            await _call(sonic, high, "ours", "HIGH")
    return [_stage_table("MEDIUM", medium), _stage_table("HIGH", high), _stock_table(medium, stock)]


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
            found.heard_after_ms.extend(ms for ms in [heard_after_ms(turn)] if ms is not None)
            found.recorded_ms.extend(ms for ms in [turn.recorded_ms] if ms is not None)


def _stage_table(turn_detection: str, found: _Found) -> Table:
    rows = [spread_row(name, spread(stages[name] for stages in found.stages)) for name in (*TURN_STAGES, TOTAL)]
    rows.append(spread_row("our tools alone (record)", spread(found.tools_ms)))
    rows.append(spread_row("metric.first_audio (record)", spread(found.recorded_ms)))
    note = f"{found.left_out} turns could not be taken apart and are left out." if found.left_out else ""
    return Table(
        f"Latency in ms, end of the caller's speech to first audible frame, endpointing {turn_detection}",
        ("stage", "p50", "p95", "max", "turns"),
        tuple(rows),
        note + "".join(f' A call got stuck on "{words}".' for words in found.stuck),
    )


def _stock_table(ours: _Found, stock: _Found) -> Table:
    mine, theirs = spread(ours.heard_after_ms), spread(stock.heard_after_ms)
    rows = [spread_row("ours", mine), spread_row("stock plugin", theirs)]
    if mine is not None and theirs is not None:
        pairs = ((mine.p50, theirs.p50), (mine.p95, theirs.p95), (mine.max, theirs.max))
        rows.append(("ours / stock", *(ratio(*pair) for pair in pairs), None))
    return Table(
        "The same wait with our plugin and the stock one, endpointing MEDIUM, calls in turn",
        ("plugin", "p50", "p95", "max", "turns"),
        tuple(rows),
        "".join(f' A stock call got stuck on "{words}".' for words in stock.stuck).strip(),
    )
