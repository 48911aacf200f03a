"""What the measurement of the costs of calls found, as tables. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Final

from benchmarks.cost.job import CostRun, Footprint
from benchmarks.figures import percentile, ratio
from benchmarks.plugins import PluginName
from benchmarks.report import Cell, Table

PLUGINS: Final[tuple[PluginName, ...]] = ("ours", "stock")

Runs = Mapping[tuple[PluginName, int], Sequence[CostRun]]
"""By plugin and by how many calls there were at once."""


def cpu_table(runs: Runs) -> Table:
    """CPU of the process for a minute of a call."""
    rows: list[tuple[Cell, ...]] = []
    for calls in _levels(runs):
        ours, stock = (cpu_s_a_call_minute(runs.get((plugin, calls), ()), calls) for plugin in PLUGINS)
        pairs = zip(*(runs.get((plugin, calls), ()) for plugin in PLUGINS), strict=False)
        ratios = [ratio(*(cpu_s_a_call_minute([run], calls) for run in pair)) for pair in pairs]
        rows.append((calls, ours, stock, ratio(ours, stock), ", ".join(f"{found:.2f}" for found in ratios if found)))
    return Table(
        "CPU seconds of the process for each minute of each call",
        ("calls at once", "ours", "stock", "ours / stock", "in each pair"),
        tuple(rows),
    )


def cpu_s_a_call_minute(found: Sequence[CostRun], calls: int) -> float | None:
    """CPU seconds of one minute of one call, over all windows; ``None`` for no window."""
    call_minutes = sum(run.wall_s for run in found) / 60 * calls
    return sum(run.cpu_s for run in found) / call_minutes if found else None


def memory_table(runs: Runs) -> Table:
    """What the process holds for each call, over what it holds without any."""
    rows = [
        (calls, plugin, *(_growth(runs[plugin, calls], calls, held) for held in (_mib, _threads, _descriptors)))
        for calls in _levels(runs)
        for plugin in PLUGINS
        if runs.get((plugin, calls))
    ]
    idle = [run.idle for run in chain.from_iterable(runs.values())]
    return Table(
        f"Growth for each call; the process without calls: {_mean(idle, _mib):.0f} MiB",
        ("calls at once", "plugin", "resident memory, MiB", "threads", "descriptors"),
        tuple(rows),
    )


def lag_table(runs: Runs) -> Table:
    """How late the event loop was, how long callers waited, and whether all of them were answered."""
    rows: list[tuple[Cell, ...]] = []
    for calls in _levels(runs):
        for plugin in PLUGINS:
            found = runs.get((plugin, calls), ())
            lags = [lag for run in found for lag in run.lags_s]
            waits = [wait for run in found for wait in run.turns.waits_s]
            rows.append(
                (
                    *(calls, plugin),
                    *(_percentile_ms(lags, percent) for percent in (50, 99, 100)),
                    _percentile_ms([lag for run in found for lag in run.starting_lags_s], 100),
                    *(_percentile_ms(waits, percent) for percent in (50, 95)),
                    f"{sum(run.turns.whole for run in found)} of {sum(run.turns.asked for run in found)}",
                )
            )
    return Table(
        "Lateness of the event loop, and waits for an answer, in ms",
        (
            *("calls at once", "plugin", "lag p50", "lag p99", "lag max", "lag max while calls start"),
            *("wait p50", "wait p95", "answers heard whole"),
        ),
        tuple(rows),
    )


def _levels(runs: Runs) -> list[int]:
    return sorted({calls for _, calls in runs})


def _growth(found: Sequence[CostRun], calls: int, held: Callable[[Footprint], float]) -> float:
    return (_mean([run.busy for run in found], held) - _mean([run.idle for run in found], held)) / calls


def _mean(footprints: Sequence[Footprint], held: Callable[[Footprint], float]) -> float:
    return sum(map(held, footprints)) / len(footprints)


def _mib(footprint: Footprint) -> float:
    return footprint.rss_bytes / 2**20


def _threads(footprint: Footprint) -> float:
    return footprint.threads


def _descriptors(footprint: Footprint) -> float:
    return footprint.descriptors


def _percentile_ms(values_s: Sequence[float], percent: float) -> float | None:
    return percentile(sorted(values_s), percent) * 1000 if values_s else None
