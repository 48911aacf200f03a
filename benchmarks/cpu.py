"""What calls cost: CPU seconds for each minute of call, and memory, of our side and of Local Sonic apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Final

from benchmarks.agent import Job
from benchmarks.endpoint import recorded_speech
from benchmarks.figures import ratio
from benchmarks.marks import AgentRun, Usage
from benchmarks.plugins import PluginName
from benchmarks.processes import ServedSonic, run_agent, serve_sonic
from benchmarks.report import Cell, Table

SIDE_BY_SIDE: Final = (1, 2, 4)
PLUGINS: Final[tuple[PluginName, ...]] = ("ours", "stock")
WINDOW_S: Final = 15.0

Runs = dict[tuple[PluginName, int], list[AgentRun]]


async def measure(progress: Callable[[str], None]) -> list[Table]:
    """Hold 1, 2 and 4 calls at once with either plugin and return a table of CPU and one of memory."""
    runs: Runs = {}
    async with recorded_speech() as speech, serve_sonic() as sonic:
        for number, calls in enumerate(SIDE_BY_SIDE):
            # In pairs, every other pair the other way round: what drifts meets both alike.
            for plugin in PLUGINS[:: -1 if number % 2 else 1]:
                progress(f"cpu: {calls} at once, {plugin}")
                runs.setdefault((plugin, calls), []).append(await _window(sonic, speech, plugin, calls))
    return [_cpu_table(runs), _memory_table(runs)]


async def _window(sonic: ServedSonic, speech: Path, plugin: PluginName, calls: int) -> AgentRun:
    return await run_agent(
        Job(
            endpoint_url=sonic.endpoint_url,
            ca_bundle=sonic.ca_bundle,
            speech=speech,
            plugin=plugin,
            calls=calls,
            window_s=WINDOW_S,
            sonic_pid=sonic.pid,
        )
    )


def per_call_minute(usages: Sequence[Usage | None], calls: int) -> float | None:
    """CPU seconds that one minute of one call took, over all windows; ``None`` for no window."""
    known = [usage for usage in usages if usage is not None]
    call_minutes = sum(usage.wall_s for usage in known) / 60 * calls
    return sum(usage.cpu_s for usage in known) / call_minutes if call_minutes else None


def _cpu_table(runs: Runs) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for calls in SIDE_BY_SIDE:
        ours, stock = runs["ours", calls], runs["stock", calls]
        mine = per_call_minute([run.agent for run in ours], calls)
        theirs = per_call_minute([run.agent for run in stock], calls)
        sonic = per_call_minute([run.sonic for run in ours], calls)
        rows.append((f"{calls}", mine, theirs, ratio(mine, theirs), sonic))
    return Table(
        "CPU seconds for each minute of each call",
        ("calls at once", "agent, ours", "agent, stock", "ours / stock", "Local Sonic"),
        tuple(rows),
        "The agent's figures hold the simulated line and caller; Local Sonic's are beside our plugin.",
    )


def _memory_table(runs: Runs) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for calls in SIDE_BY_SIDE:
        cells = [_mib(runs[plugin, calls], calls) for plugin in PLUGINS]
        rows.append((f"{calls}", *(cell for pair in cells for cell in pair), _sonic_mib(runs["ours", calls])))
    idle = mean(run.idle_rss_bytes for found in runs.values() for run in found) / 2**20
    return Table(
        "Resident memory in MiB",
        ("calls at once", "ours", "ours, a call", "stock", "stock, a call", "Local Sonic"),
        tuple(rows),
        f"The agent's process before any call: {idle:.0f} MiB. 'A call' is the growth over that, divided by the calls.",
    )


def _mib(found: Sequence[AgentRun], calls: int) -> tuple[float, float]:
    """Return the process's memory, and its growth over idle for each call."""
    total = mean(run.agent.rss_bytes for run in found if run.agent)
    grown = mean(run.agent.rss_bytes - run.idle_rss_bytes for run in found if run.agent)
    return total / 2**20, grown / calls / 2**20


def _sonic_mib(found: Sequence[AgentRun]) -> float:
    return mean(run.sonic.rss_bytes for run in found if run.sonic) / 2**20
