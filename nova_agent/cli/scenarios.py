"""``nova-agent scenarios``: let scripted callers call, and grade the rows they leave."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape


class CallBrain(StrEnum):
    """The brains that can hold a call of their own accord."""

    RULES = "rules"
    DIFFICULT = "difficult"


def command(
    places: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")],
    quick: Annotated[bool, typer.Option("--quick", help="Only those that say `quick: true`.")] = False,
    brain: Annotated[
        CallBrain | None, typer.Option(help="Local Sonic's brain.", show_default="NOVA_LOCAL__BRAIN")
    ] = None,
    speed: Annotated[float | None, typer.Option(min=1, max=4, help="Instead of each scenario's own speed.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep database, records and recordings in this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with the conversations.")] = False,
) -> None:
    """Run scenarios against the whole product, offline. Exit code 1 when one fails."""
    from nova_agent.cli import scenario_runs as runs  # noqa: PLC0415 – LiveKit takes seconds to import

    scripts = runs.read_scripts(places, quick=quick, speed=speed)
    console = Console(highlight=False, stderr=as_json)
    results = runs.run_all(scripts, brain=brain and brain.value, keep=keep, console=console)
    if as_json:
        print(json.dumps(runs.results_json(results), default=str))
    else:
        console.print(runs.results_table(results))
        for finding in runs.failures(results):
            console.print(f"[red]•[/] {escape(finding)}", soft_wrap=True)
    raise typer.Exit(0 if all(result.passed for result in results) else 1)
