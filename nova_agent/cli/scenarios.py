"""``nova-agent scenarios``: let scripted callers call, and grade the rows they leave."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nova_agent.errors import ContentInvalid
from nova_agent.log import configure_logging
from nova_agent.simulate.report import results_json, results_table
from nova_agent.simulate.runner import run_scenarios
from nova_agent.simulate.scenario import ScenarioResult
from nova_agent.simulate.script import Script, load_script
from settings import Settings, load


def command(
    places: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")],
    quick: Annotated[bool, typer.Option("--quick", help="Only those that say `quick: true`.")] = False,
    brain: Annotated[str | None, typer.Option(help="Local Sonic's brain: rules, or difficult.")] = None,
    speed: Annotated[float | None, typer.Option(min=1, max=4, help="Instead of each scenario's own speed.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep database, records and recordings in this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with the conversations.")] = False,
) -> None:
    """Run scenarios against the whole product, offline. Exit code 1 when one fails."""
    scripts = _scripts(places, quick=quick, speed=speed)
    settings = load()
    configure_logging("error", json=as_json)
    console = Console(highlight=False, stderr=as_json)
    with tempfile.TemporaryDirectory(prefix="nova-scenarios-") as scratch:
        results = asyncio.run(_run(scripts, _placed(settings, keep or Path(scratch), brain), keep, console))
    if as_json:
        print(json.dumps(results_json(results), default=str))
    else:
        console.print(results_table(results))
    raise typer.Exit(0 if all(result.passed for result in results) else 1)


def _scripts(places: list[Path], *, quick: bool, speed: float | None) -> list[Script]:
    files = [file for place in places for file in (sorted(place.rglob("*.yaml")) if place.is_dir() else [place])]
    scripts = [script for script in map(load_script, files) if script.quick or not quick]
    if not scripts:
        raise ContentInvalid(
            f"{', '.join(map(str, places))}: no scenarios there{' with `quick: true`' if quick else ''}"
        )
    return scripts if speed is None else [script.model_copy(update={"speed": speed}) for script in scripts]


def _placed(settings: Settings, folder: Path, brain: str | None) -> Settings:
    """The settings with a database and records of their own, so that scenarios never touch real ones."""
    folder.mkdir(parents=True, exist_ok=True)
    return settings.model_copy(
        update={
            "store": settings.store.model_copy(update={"url": f"sqlite+aiosqlite:///{folder.resolve()}/scenarios.db"}),
            "record": settings.record.model_copy(update={"directory": folder / "calls"}),
            "local": settings.local.model_copy(update={"brain": brain} if brain else {}),
        }
    )


async def _run(scripts: list[Script], settings: Settings, keep: Path | None, console: Console) -> list[ScenarioResult]:
    def say(result: ScenarioResult) -> None:
        verdict = "[green]passed[/]" if result.passed else "[red]failed[/]"
        console.print(f"{verdict}  {result.name}  ({result.wall_s:.0f} s)")

    with console.status(f"running {len(scripts)} scenarios …"):
        return await run_scenarios(scripts, settings, recordings=keep / "recordings" if keep else None, on_result=say)
