"""What came of the call: conditions that it had to meet, and figures. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from benchmarks.checks import Check, at_least, at_most, equal, table_of
from benchmarks.figures import spread
from benchmarks.footprint import MIB, Footprint
from benchmarks.long_call.call import QUARTERS, Held, Plan
from benchmarks.long_call.caller import Turn
from benchmarks.long_call.received import Received
from benchmarks.long_call.script import Kind
from benchmarks.report import Cell, Table, spread_row
from nova_agent.simulate.pcm import CALLER_RATE_HZ

TRACED_GROWTH_MIB: Final = 2.0
RSS_GROWTH_MIB: Final = 8.0
"""Over the second half. The transcript that the agent session keeps of the call grows with it."""
_LEAST_MINUTES: Final = 6.0
"""The caller's last 90 s are kept, so in a call that is shorter memory has to grow."""
_A_MS: Final = CALLER_RATE_HZ // 1000
_UNSENT_S: Final = 2.0
"""Audio that was under way when the caller hung up."""


def checks(plan: Plan, held: Held, received: Received, left: Footprint, before: Footprint) -> list[Check]:
    """Judge the call. ``before`` and ``left``: what the process held before it, and afterwards."""
    return [
        *_turn_checks(plan, held),
        *_audio_checks(held, received),
        *_history_checks(received),
        *_memory_checks(plan, held.quarters),
        *(at_most(f"{name} left over", 0, getattr(left, name) - getattr(before, name)) for name in _COUNTED),
    ]


_COUNTED: Final = ("tasks", "threads", "descriptors", "connections")


def _turn_checks(plan: Plan, held: Held) -> Iterator[Check]:
    turns, streams = held.turns, held.streams
    yield equal("turns answered", len(turns), sum(turn.latency_ms is not None for turn in turns))
    yield equal("turns asked again", 0, sum(turn.asked > 1 for turn in turns))
    yield equal("answers heard besides", 0, len(held.hearing.answers) - len(turns))
    barge_ins = [turn for turn in turns if turn.kind is Kind.BARGE_IN]
    yield equal("answers that stopped when interrupted", len(barge_ins), sum(_stopped(turn) for turn in barge_ins))
    tools = [turn.number for turn in turns if turn.kind is Kind.TOOL]
    yield equal("tool runs", len(tools), sum(held.tool_runs.values()))
    yield equal("requests whose tool ran once", len(tools), sum(held.tool_runs[number] == 1 for number in tools))
    yield at_least("rotations", max(1, int(plan.minutes * 60 / (plan.rotate_by_s + 30))), streams.rotated)
    failures = ", ".join(f"{reason}: {times}" for reason, times in streams.failures.items())
    yield Check("streams that failed", 0, failures or 0, not failures)


def _stopped(turn: Turn) -> bool:
    return turn.stopped_ms is not None


def _audio_checks(held: Held, received: Received) -> Iterator[Check]:
    replayed = sum(held.streams.replayed_ms) * _A_MS
    yield equal("caller's samples lost", 0, received.first + received.lost)
    yield at_most("samples under way at the end", _UNSENT_S * CALLER_RATE_HZ, max(0, held.samples - received.end))
    yield equal("slots that the agent did not take from the line", 0, held.dropped_slots)
    rounding = _A_MS * len(held.streams.replayed_ms)
    beside = max(0, received.doubled - replayed - rounding)
    yield equal("samples sent twice, besides those replayed", 0, beside)
    yield equal("samples sent that nobody said", 0, received.unknown)


def _history_checks(received: Received) -> Iterator[Check]:
    faults = [fault for told in received.told for fault in told.faults]
    yield Check("histories with a turn twice, missing or out of turn", 0, "; ".join(faults) or 0, not faults)
    yield at_least("streams that were told a history", 1, sum(bool(told.history) for told in received.told))


def _memory_checks(plan: Plan, quarters: Sequence[Footprint]) -> Iterator[Check]:
    yield at_least("quarters of the call", QUARTERS, len(quarters))
    if len(quarters) < QUARTERS or plan.minutes < _LEAST_MINUTES:
        return
    half, end = quarters[QUARTERS // 2 - 1], quarters[-1]
    traced, rss = end.traced_bytes - half.traced_bytes, end.rss_bytes - half.rss_bytes
    yield at_most("allocated by Python in the second half", TRACED_GROWTH_MIB, traced / MIB, " MiB")
    yield at_most("resident memory in the second half", RSS_GROWTH_MIB, rss / MIB, " MiB")


def tables(plan: Plan, held: Held, received: Received, found: Sequence[Check]) -> list[Table]:
    """Lay out everything."""
    return [
        table_of(found),
        _kinds(held.turns),
        _latencies(plan, held.turns),
        _streams(held, received),
        _quarters(held.quarters),
    ]


def _kinds(turns: Sequence[Turn]) -> Table:
    kinds = {kind: [turn for turn in turns if turn.kind is kind] for kind in Kind}
    rows = tuple(
        (kind.value, len(of), sum(turn.latency_ms is not None for turn in of), sum(turn.rotated for turn in of))
        for kind, of in kinds.items()
    )
    return Table("Turns", ("kind", "asked", "answered", "with a change of streams"), rows)


def _latencies(plan: Plan, turns: Sequence[Turn]) -> Table:
    def row(name: str, value: Callable[[Turn], float | None], *, rotated: bool) -> tuple[Cell, ...]:
        values = [ms for turn in turns if turn.rotated is rotated and (ms := value(turn)) is not None]
        return spread_row(name, spread(values))

    rows = (
        row("answer begins, after", lambda turn: turn.latency_ms, rotated=False),
        row("the same, streams changed in that turn", lambda turn: turn.latency_ms, rotated=True),
        row("interrupted answer stops, after", lambda turn: turn.stopped_ms, rotated=False),
        row("the same, streams changed in that turn", lambda turn: turn.stopped_ms, rotated=True),
    )
    note = "" if plan.speed == 1 else f"Of the line; real milliseconds are these divided by {plan.speed:g}."
    return Table("Milliseconds", ("what", "p50", "p95", "max", "turns"), rows, note)


def _streams(held: Held, received: Received) -> Table:
    streams, gaps = held.streams, spread(held.streams.gaps_ms)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("opened", received.streams),
        ("rotated", streams.rotated),
        ("gap at a rotation, p50, ms", gaps.p50 if gaps else None),
        ("gap at a rotation, max, ms", gaps.max if gaps else None),
        ("audio replayed on purpose, ms", ", ".join(map(str, streams.replayed_ms)) or 0),
        ("samples from the caller", held.samples),
        ("samples received, each counted once", received.received),
        ("samples received twice", received.doubled),
        ("line, times real time", round(held.samples / CALLER_RATE_HZ / held.real_s, 2) if held.real_s else None),
    )
    return Table("Streams and audio", ("what", "figure"), rows)


def _quarters(quarters: Sequence[Footprint]) -> Table:
    rows = tuple(
        (
            f"{number}/{QUARTERS}",
            one.rss_bytes / MIB,
            one.traced_bytes / MIB,
            one.tasks,
            one.threads,
            one.descriptors,
            one.connections,
        )
        for number, one in enumerate(quarters, start=1)
    )
    columns = ("after", "resident, MiB", "by Python, MiB", "tasks", "threads", "files", "connections")
    return Table("Memory and more during the call", columns, rows)
