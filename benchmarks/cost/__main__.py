"""``python -m benchmarks.cost``: what 1, 10 and 40 calls cost the process that holds them, as Markdown tables."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from pydantic import TypeAdapter
from rich.console import Console

from benchmarks.cost.job import CostJob, CostRun
from benchmarks.cost.tables import PLUGINS, cpu_table, lag_table, memory_table
from benchmarks.faults.clips import record_clips
from benchmarks.load_tables import markdown
from benchmarks.loaded_endpoint import Served
from benchmarks.machine import this_machine
from benchmarks.pipes import line_of, module_process, tell
from benchmarks.plugins import PluginName
from nova_agent.log import configure_logging

_CLIPS: Final = 8
_START_LIMIT_S: Final = 60.0
_SLACK_S: Final = 120.0
_ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "local-sonic",
    "AWS_SECRET_ACCESS_KEY": "local-sonic",
    "AWS_EC2_METADATA_DISABLED": "true",
}

Runs = dict[tuple[PluginName, int], list[CostRun]]


def command(
    *,
    calls: Annotated[str, typer.Option(help="How many at once, one level after the other.")] = "1,10,40",
    pairs: Annotated[int, typer.Option(min=1, help="Windows of each plugin at each level, taken in turn.")] = 2,
    seconds: Annotated[float, typer.Option(min=5, help="How long a window lasts.")] = 12.0,
    pin: Annotated[bool, typer.Option(help="Give the endpoint and the measured process a core each.")] = True,
    into: Annotated[Path | None, typer.Option(help="A JSON file for every window's figures.")] = None,
) -> None:
    """Measure what calls cost, ours beside the stock plugin, offline and in real time: about seven minutes."""
    configure_logging("error", json=False)
    machine = this_machine()
    levels = [int(part) for part in calls.split(",")]
    cores = sorted(os.sched_getaffinity(0)) if pin else []
    runs = asyncio.run(_measure(levels, pairs, seconds, cores if len(cores) > 1 else None))
    if into is not None:
        found = [
            {"plugin": plugin, "calls": at_once, **asdict(run)}
            for (plugin, at_once), windows in runs.items()
            for run in windows
        ]
        into.write_text(json.dumps({"machine": asdict(machine), "runs": found}), encoding="utf-8")
    print(f"{machine.sentence()}; windows of {seconds:.0f} s")
    for table in (cpu_table(runs), memory_table(runs), lag_table(runs)):
        print(f"\n{markdown(table)}")


async def _measure(levels: Sequence[int], pairs: int, seconds: float, cores: Sequence[int] | None) -> Runs:
    notes, began = Console(stderr=True, highlight=False), time.monotonic()
    runs: Runs = {}
    core = ["--core", str(cores[0])] if cores else []
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        clips = Path(folder) / "clips.npz"
        await record_clips(clips, _CLIPS)
        async with module_process("benchmarks.cost.endpoint", *core) as endpoint:
            served = TypeAdapter(Served).validate_json(await line_of(endpoint, _START_LIMIT_S))
            for plugin, at_once in _windows(levels, pairs):
                notes.print(f"[dim]{time.monotonic() - began:5.0f} s  {at_once} calls, {plugin} …[/]")
                job = CostJob(
                    endpoint_url=served.endpoint_url,
                    ca_bundle=served.ca_bundle,
                    clips=clips,
                    plugin=plugin,
                    calls=at_once,
                    window_s=seconds,
                    core=cores[1] if cores else None,
                )
                runs.setdefault((plugin, at_once), []).append(await _window(job))
    return runs


def _windows(levels: Sequence[int], pairs: int) -> Iterator[tuple[PluginName, int]]:
    """Every other pair goes the other way round: what drifts meets both alike."""
    for at_once in levels:
        for pair in range(pairs):
            for plugin in PLUGINS[:: -1 if pair % 2 else 1]:
                yield plugin, at_once


async def _window(job: CostJob) -> CostRun:
    """Measure one window, in a fresh process."""
    async with module_process("benchmarks.cost.calls", environment=_ENVIRONMENT) as measured:
        tell(measured, TypeAdapter(CostJob).dump_json(job))
        return TypeAdapter(CostRun).validate_json(await line_of(measured, job.window_s + _SLACK_S))


if __name__ == "__main__":
    typer.run(command)
