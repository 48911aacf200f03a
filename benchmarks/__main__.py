"""``python -m benchmarks``: measure everything, or the benchmark that is named."""

from __future__ import annotations

import asyncio
import json
import time
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks import cpu, first_audio, latency
from benchmarks.machine import this_machine
from benchmarks.processes import AgentFailed
from benchmarks.report import Table, as_json, show
from nova_agent.errors import NovaError
from nova_agent.log import configure_logging


class Benchmark(StrEnum):
    """What can be measured."""

    LATENCY = "latency"
    FIRST_AUDIO = "first-audio"
    CPU = "cpu"


def command(
    benchmark: Annotated[list[Benchmark] | None, typer.Argument(help="What to measure; all by default.")] = None,
    *,
    turns: Annotated[int, typer.Option(min=1, max=500, help="Turns of the caller in each latency table.")] = 20,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Measure Nova Agent on this machine, offline. Everything takes about ten minutes."""
    configure_logging("error", json=False)
    machine = this_machine()
    notes = Console(stderr=True, highlight=False)
    began = time.monotonic()

    def progress(what: str) -> None:
        notes.print(f"[dim]{time.monotonic() - began:5.0f} s  {what} …[/]")

    try:
        found = {name.value: asyncio.run(_measure(name, turns, progress)) for name in benchmark or Benchmark}
    except (AgentFailed, NovaError, TimeoutError) as error:
        notes.print(f"[red]The measurement failed:[/] {error or type(error).__name__}", soft_wrap=True)
        raise typer.Exit(1) from error
    if json_output:
        print(json.dumps(as_json(machine, found), indent=2))
    else:
        show(machine, (table for tables in found.values() for table in tables), Console(highlight=False))


async def _measure(benchmark: Benchmark, turns: int, progress: Any) -> list[Table]:
    match benchmark:
        case Benchmark.LATENCY:
            return await latency.measure(turns, progress)
        case Benchmark.FIRST_AUDIO:
            return await first_audio.measure(progress)
        case Benchmark.CPU:
            return await cpu.measure(progress)


if __name__ == "__main__":
    typer.run(command)
