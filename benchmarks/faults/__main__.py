"""``python -m benchmarks.faults``: how each client survives each fault of Local Sonic, as Markdown tables."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.faults.choice import choose_columns, choose_rows
from benchmarks.faults.clips import MOST_TURNS
from benchmarks.faults.columns import COLUMNS
from benchmarks.faults.measuring import Measurement
from benchmarks.faults.report import Report, load_report
from benchmarks.faults.rows import LEAST_TURNS
from benchmarks.machine import this_machine
from nova_agent.errors import NovaError
from nova_agent.localsonic.verdicts import Profile
from nova_agent.log import configure_logging


def command(
    *,
    only: Annotated[str, typer.Option(help="Rows, or parts of their names, separated by commas; all by default.")] = "",
    columns: Annotated[str, typer.Option(help="Clients, separated by commas.")] = ",".join(COLUMNS),
    turns: Annotated[int, typer.Option(min=LEAST_TURNS, max=MOST_TURNS, help="Questions of a call.")] = 20,
    runs: Annotated[int, typer.Option(min=1, max=100, help="Calls of each cell.")] = 1,
    at_once: Annotated[int, typer.Option(min=1, max=16, help="Calls that are held side by side.")] = 2,
    profile: Annotated[Profile, typer.Option(help="Whether the endpoint refuses what the service would.")] = "strict",
    into: Annotated[Path | None, typer.Option(help="A JSON file that every call is added to.")] = None,
    missing: Annotated[bool, typer.Option(help="Leave out what stands in that file already.")] = False,
    logs: Annotated[Path | None, typer.Option(help="A folder for what clients write to standard error.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Measure how clients survive faults. All rows of all clients, two calls at a time, take two hours."""
    configure_logging("error", json=False)
    notes = Console(stderr=True, highlight=False)
    try:
        rows, clients = choose_rows(only), choose_columns(columns)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    report = _opened(into, turns)
    if logs is not None:
        logs.mkdir(parents=True, exist_ok=True)
    machine = this_machine()

    def tell(line: str) -> None:
        notes.print(line, soft_wrap=True)
        if into is not None:
            into.write_text(json.dumps(report.as_json(machine)), encoding="utf-8")

    cells = [
        (row, client)
        for row in rows
        for client in clients
        if row.suits(client.name) and not (missing and report.calls(row, client))
    ]
    measurement = Measurement(turns, runs, at_once, profile, logs, tell)
    try:
        asyncio.run(measurement.run(cells, report))
    except NovaError as error:
        notes.print(f"[red]The measurement failed:[/] {error}", soft_wrap=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        notes.print("[yellow]Interrupted: what follows is what was measured.[/]")
    if json_output:
        print(json.dumps(report.as_json(machine), indent=2))
    else:
        print(f"{machine.sentence()}; {at_once} calls at once; {profile} endpoint\n\n{report.tables()}")


def _opened(into: Path | None, turns: int) -> Report:
    """Return what is measured already.

    Raises:
        BadParameter: that was measured with another number of turns.
    """
    if into is None or not into.exists():
        return Report(turns)
    report = load_report(into.read_text(encoding="utf-8"))
    if report.turns != turns:
        raise typer.BadParameter(f"{into} holds calls of {report.turns} turns, not of {turns}")
    return report


if __name__ == "__main__":
    typer.run(command)
