"""``nova-agent doctor``: what would be used, and what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from nova_agent.cli.checks import Finding, Setting


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for scripts.")] = False,
) -> None:
    """Show the settings in force (secrets masked) and check everything that a call needs.

    Exit code 1 when something is missing without which no call can be held.
    """
    from nova_agent.cli.checks import check_all, settings_in_force  # noqa: PLC0415 – imports all that it checks
    from settings import load  # noqa: PLC0415 – pydantic takes a while to import

    settings = load()
    shown, findings = list(settings_in_force(settings)), list(check_all(settings))
    ready = all(finding.ok or not finding.needed for finding in findings)
    if as_json:
        values = {setting.name: {"value": setting.value, "source": setting.source} for setting in shown}
        checks = [asdict(finding) for finding in findings]
        print(json.dumps({"ready": ready, "settings": values, "checks": checks}, indent=2))
    else:
        _print(shown, findings)
    if not ready:
        raise typer.Exit(1)


def _print(settings: Iterable[Setting], findings: Iterable[Finding]) -> None:
    console = Console(highlight=False)
    table = Table("setting", "value", "from", title="Settings", title_justify="left", box=None)
    for setting in settings:
        value = Text("–" if setting.value is None else setting.value, overflow="fold")
        table.add_row(setting.name, value, setting.source, style="dim" if setting.source == "default" else None)
    console.print(table)
    console.print("\nChecks", style="bold")
    for finding in findings:
        mark, style = ("ok", "green") if finding.ok else (("no", "red") if finding.needed else ("– ", "yellow"))
        console.print(Text.assemble(" ", (mark, style), f"  {finding.subject}: {finding.found}"), soft_wrap=True)
