"""``nova-agent sonic behaviours``: what the offline endpoint does, how sure that is, and what can be switched."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from nova_agent.localsonic.behaviours import Behaviour


class CertaintyName(StrEnum):
    """How sure a behaviour of the real service is."""

    DOCUMENTED = "documented"
    MEASURED = "measured"
    CLIENTS = "clients"
    UNCONFIRMED = "unconfirmed"
    OURS = "ours"


def command(
    *,
    certainty: Annotated[CertaintyName | None, typer.Option(help="Only those that are this sure.")] = None,
    switches: Annotated[bool, typer.Option("--switches", help="Only what can be switched, with its values.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of JSON objects.")] = False,
) -> None:
    """List each behaviour with its source, its certainty and the tests that hold it."""
    from nova_agent.localsonic.behaviours import load_manifest  # noqa: PLC0415 – help needs none of it

    manifest = load_manifest()
    chosen = [
        behaviour
        for behaviour in manifest.behaviours
        if (certainty is None or behaviour.certainty == certainty) and (behaviour.switch or not switches)
    ]
    if as_json:
        typer.echo(json.dumps([_facts(behaviour) for behaviour in chosen], indent=2, ensure_ascii=False))
        return
    console = Console()
    console.print(_switch_table(chosen) if switches else _table(chosen))
    counts = ", ".join(f"{count} {name}" for name, count in manifest.counts().items())
    console.print(f"{len(chosen)} of {len(manifest.behaviours)} behaviours ({counts}); each is held by tests.")
    console.print("With --json each comes with the names of its tests.", highlight=False)


def _facts(behaviour: Behaviour) -> dict[str, Any]:
    facts = behaviour.model_dump(exclude_none=True)
    if behaviour.switch:
        facts |= {"default": _default(behaviour.switch), "allowed": _allowed(behaviour.switch)}
    return facts


def _table(behaviours: list[Behaviour]) -> Table:
    table = _whole_words("behaviour", "what", "certainty", "source", "tests")
    for behaviour in behaviours:
        says = f"{behaviour.says} {behaviour.note or ''}".rstrip()
        cells = (behaviour.id, says, behaviour.certainty, ", ".join(behaviour.source), str(len(behaviour.tests)))
        table.add_row(*map(escape, cells))
    return table


def _switch_table(behaviours: list[Behaviour]) -> Table:
    table = _whole_words("switch", "default", "may be", "what it decides")
    for behaviour in behaviours:
        name = behaviour.switch or ""
        allowed = ", ".join(_allowed(name)) or "a number"
        table.add_row(*map(escape, (name, _default(name), allowed, f"{behaviour.says} {behaviour.values}.")))
    return table


def _whole_words(*titles: str) -> Table:
    """Return an empty table that breaks a long cell over several lines, and cuts nothing off in a narrow terminal."""
    table = Table(box=None)
    for index, title in enumerate(titles):
        # The first column is what one copies: its ids stay in one piece.
        table.add_column(title, overflow="fold", no_wrap=index == 0)
    return table


def _default(name: str) -> str:
    from nova_agent.localsonic.switches import Switches  # noqa: PLC0415 – help needs none of it

    value = getattr(Switches(), name)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _allowed(name: str) -> tuple[str, ...]:
    from nova_agent.localsonic.switches import allowed_values  # noqa: PLC0415 – help needs none of it

    return allowed_values(name)
