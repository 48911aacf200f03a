"""The runs of ``nova-agent scenarios``: which scripts, with which database, one after another."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from nova_agent.cli.extras import local_parts
from nova_agent.cli.places import writable_folder
from nova_agent.errors import ContentInvalid
from nova_agent.log import configure_logging
from nova_agent.simulate.report import failures, results_json, results_table
from nova_agent.simulate.scenario import ScenarioResult
from nova_agent.simulate.script import Script, load_script
from settings import Settings, load

__all__ = ["failures", "read_scripts", "results_json", "results_table", "run_all"]


def read_scripts(places: Sequence[Path], *, quick: bool, speed: float | None) -> list[Script]:
    """Read the scenarios of files and folders, in order.

    Raises:
        ContentInvalid: one of them is wrong, or there is none.
    """
    files = [file for place in places for file in (sorted(place.rglob("*.yaml")) if place.is_dir() else [place])]
    scripts = [script for script in map(load_script, files) if script.quick or not quick]
    if not scripts:
        which = " with `quick: true`" if quick else ""
        raise ContentInvalid(f"{', '.join(map(str, places))}: no scenarios there{which}")
    return scripts if speed is None else [script.model_copy(update={"speed": speed}) for script in scripts]


def run_all(
    scripts: Sequence[Script], *, brain: str | None, keep: Path | None, console: Console
) -> list[ScenarioResult]:
    """Hold all calls, offline, and say of each as it ends whether it passed.

    Args:
        scripts: what the callers say.
        brain: instead of the one in the settings.
        keep: a folder for database, records and recordings, which are thrown away without it.
        console: where to say it.

    Raises:
        NovaError: something is wrong that keeps the calls from being held at all.
    """
    settings = load()
    configure_logging("error", json=settings.log.format == "json")
    with tempfile.TemporaryDirectory(prefix="nova-scenarios-") as scratch:
        folder = writable_folder(keep or Path(scratch), remedy="Choose another folder with --keep.")
        placed = _placed(settings, folder, brain)
        return asyncio.run(_run(scripts, placed, keep / "recordings" if keep else None, console))


def _placed(settings: Settings, folder: Path, brain: str | None) -> Settings:
    """The settings with a database and records of their own, so that scenarios never touch real ones."""
    return settings.model_copy(
        update={
            "store": settings.store.model_copy(update={"url": f"sqlite+aiosqlite:///{folder.resolve()}/scenarios.db"}),
            "record": settings.record.model_copy(update={"directory": folder / "calls"}),
            "local": settings.local.model_copy(update={"brain": brain} if brain else {}),
        }
    )


async def _run(
    scripts: Sequence[Script], settings: Settings, recordings: Path | None, console: Console
) -> list[ScenarioResult]:
    with local_parts("A synthetic caller"):
        from nova_agent.simulate.runner import run_scenarios  # noqa: PLC0415 – needs the extra

    def say(result: ScenarioResult) -> None:
        verdict = "[green]passed[/]" if result.passed else "[red]failed[/]"
        console.print(f"{verdict}  {escape(result.name)}  ({result.wall_s:.0f} s)")

    with console.status(f"running {len(scripts)} scenarios …"):
        return await run_scenarios(scripts, settings, recordings=recordings, on_result=say)
