"""What a measurement of many streams found, as tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from benchmarks.callers import CallersRun
from benchmarks.figures import percentile, spread
from benchmarks.loaded_endpoint import EndpointCost
from benchmarks.report import Table, spread_row, text_of
from benchmarks.stacks import IDLE, PARTS

LATE_S: Final = 0.1
_SPREAD: Final = ("streams: stage", "p50", "p95", "max", "turns")


@dataclass(frozen=True, slots=True)
class Level:
    """So many streams at once, measured."""

    streams: int
    ears: str
    callers: CallersRun
    endpoint: EndpointCost
    others_percent: float
    """What other processes used meanwhile, in percent of one core: tells whether the machine was ours."""

    @property
    def stream_minutes(self) -> float:
        """Of the window that the endpoint's cost is from."""
        return self.streams * self.endpoint.wall_s / 60


def wait_tables(levels: Sequence[Level]) -> list[Table]:
    """One table for each kind of ears."""
    return [wait_table([level for level in levels if level.ears == kind]) for kind in _kinds(levels)]


def wait_table(levels: Sequence[Level]) -> Table:
    """Waits of each level, and how much longer each was than the same utterance's in the first level.

    Utterances fade out differently, and so are noticed to be over after different times.
    """
    alone: dict[int, list[float]] = {}
    for clip, seconds in levels[0].callers.waits:
        alone.setdefault(clip, []).append(seconds)
    rows: list[tuple[Any, ...]] = []
    for level in levels:
        later = [seconds - median(alone[clip]) for clip, seconds in level.callers.waits if clip in alone]
        _, *more, _ = spread_row("", spread(1000 * seconds for seconds in later))
        over = sum(seconds > LATE_S for seconds in later)
        lost = level.callers.unanswered + len(level.callers.failures)
        in_ms = spread(1000 * seconds for seconds in level.callers.waits_s)
        rows.append((*spread_row(str(level.streams), in_ms), *more, over, lost))
    return Table(
        f"From the last loud sample to the first audio, in ms; words from {levels[0].ears}",
        ("streams", "p50", "p95", "max", "turns", "p50 later", "p95 later", "max later", "over 100", "no answer"),
        tuple(rows),
    )


def stage_table(levels: Sequence[Level]) -> Table:
    """Where the endpoint's own part of the wait goes."""
    rows = [
        spread_row(f"{level.streams}, {level.ears}: {name}", spread(seconds * 1000 for seconds in found))
        for level in levels
        for name, found in level.endpoint.stages.items()
    ]
    return Table("From the detected end of speech to the first audio, inside the endpoint, in ms", _SPREAD, tuple(rows))


def cost_table(levels: Sequence[Level]) -> Table:
    """CPU, lateness of the event loop and of the callers, and memory."""
    rows = [
        (
            f"{level.streams}, {level.ears}",
            level.endpoint.cpu_s / level.stream_minutes,
            100 * level.endpoint.cpu_s / level.endpoint.wall_s,
            *(
                100 * sum(level.endpoint.threads.get(name, 0.0) for name in names) / level.endpoint.wall_s
                for names in (("MainThread",), ("localsonic-mouth",), ("localsonic-ears", "native"))
            ),
            _p99_ms(level.endpoint.lags_s),
            max(level.endpoint.lags_s, default=0) * 1000,
            level.endpoint.rss_bytes / 2**20,
            100 * level.callers.cpu_s / level.endpoint.wall_s,
            _p99_ms(level.callers.lags_s),
            level.others_percent,
        )
        for level in levels
    ]
    return Table(
        "What the endpoint uses; % of one core",
        (
            *("streams", "CPU s a stream-minute", "endpoint %", "event loop %", "synthesis %", "recognition %"),
            *("loop lag p99 ms", "max ms", "memory MiB", "callers %", "callers late p99 ms", "others %"),
        ),
        tuple(rows),
    )


def parts_table(level: Level) -> Table:
    """The event loop's CPU by what its stack was doing, and the other threads' by what they are for."""
    busy = {part: count for part, count in level.endpoint.samples.items() if part != IDLE}
    on_loop_s = level.endpoint.threads["MainThread"]
    parts = {part: on_loop_s * busy.get(part, 0) / max(sum(busy.values()), 1) for part in PARTS}
    parts["synthesis (thread)"] = level.endpoint.threads.get("localsonic-mouth", 0.0)
    parts["recognition (threads)"] = sum(
        level.endpoint.threads.get(name, 0.0) for name in ("localsonic-ears", "native")
    )
    total = level.endpoint.cpu_s
    return Table(
        f"Where it goes with {level.streams} streams, words from {level.ears}; {sum(busy.values())} samples",
        ("part", "CPU s a stream-minute", "share %"),
        tuple((part, used / level.stream_minutes, 100 * used / total) for part, used in parts.items()),
    )


def _p99_ms(values: Sequence[float]) -> float | None:
    return percentile(sorted(values), 99) * 1000 if values else None


def _kinds(levels: Sequence[Level]) -> Sequence[str]:
    return list(dict.fromkeys(level.ears for level in levels))


def markdown(table: Table) -> str:
    """Write the table as it stands in documents."""
    lines = [
        f"**{table.title}**",
        "",
        _row(table.columns),
        _row(["---", *["---:"] * (len(table.columns) - 1)]),
        *(_row([text_of(cell) for cell in row]) for row in table.rows),
    ]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
