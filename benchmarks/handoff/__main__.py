"""``python -m benchmarks.handoff``: the silence of a handoff, ours beside stock, as a Markdown table."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.handoff.job import COLUMNS
from benchmarks.handoff.measuring import measure
from benchmarks.handoff.report import AT_MOST
from benchmarks.machine import this_machine
from benchmarks.processes import AgentFailed
from nova_agent.log import configure_logging


def command(
    *,
    handoffs: Annotated[int, typer.Option(min=1, max=50, help="Handoffs of each cell, in one call.")] = 5,
    delays: Annotated[str, typer.Option(help="One-way delays in milliseconds, separated by commas.")] = "0,40,120",
    columns: Annotated[str, typer.Option(help="Clients, separated by commas.")] = ",".join(COLUMNS),
    into: Annotated[Path | None, typer.Option(help="A JSON file for every silence that was measured.")] = None,
) -> None:
    """Measure the silence between an announcement and the next persona's first word. Takes about five minutes."""
    configure_logging("error", json=False)
    notes, began, machine = Console(stderr=True, highlight=False), time.monotonic(), this_machine()
    chosen = [column for column in COLUMNS if column in columns.split(",")]
    if not chosen:
        raise typer.BadParameter(f"there are the columns {', '.join(COLUMNS)}")

    def tell(line: str) -> None:
        notes.print(f"{time.monotonic() - began:5.0f} s  {line}", soft_wrap=True)

    try:
        report = asyncio.run(measure(chosen, [int(delay) for delay in delays.split(",")], handoffs, tell))
    except (AgentFailed, TimeoutError) as error:
        notes.print(f"[red]The measurement failed:[/] {error or type(error).__name__}", soft_wrap=True)
        raise typer.Exit(1) from error
    if into is not None:
        into.write_text(json.dumps(report.as_json(), indent=2), encoding="utf-8")
    print(f"{machine.sentence()}; {handoffs} handoffs a cell\n\n{report.table()}")
    print(f"\nOurs at most {AT_MOST:.0%} of stock: {'holds' if report.holds else 'does not hold'}.")
    raise typer.Exit(0 if report.holds else 2)


if __name__ == "__main__":
    typer.run(command)
