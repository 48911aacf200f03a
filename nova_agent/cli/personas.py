"""``nova-agent personas``: who the agent can be, and whether a content file of theirs is a good one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from nova_agent.errors import ContentInvalid

if TYPE_CHECKING:
    from nova_agent.registry import PersonaRegistry

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object for scripts.")] = False,
) -> None:
    """List the personas and the content that each ships (for the survey persona: its surveys)."""
    registry = _registry()
    found = {name: registry.get(name) for name in registry.names()}
    if as_json:
        shown = {
            name: {"summary": kind.SUMMARY, "voice": kind.VOICE, "contents": kind.contents()}
            for name, kind in found.items()
        }
        print(json.dumps(shown, indent=2))
        return
    console = Console(highlight=False)
    for name, kind in found.items():
        console.print(f"[bold]{escape(name)}[/] – {escape(kind.SUMMARY)} (voice {kind.VOICE})")
        for content, title in kind.contents().items():
            console.print(f"  {content}: {title}", markup=False)


@app.command()
def check(
    persona: Annotated[str, typer.Argument(help="The persona whose content it is, for instance survey.")],
    files: Annotated[list[Path], typer.Argument(help="Content files to check.")],
) -> None:
    """Check content files; every finding names the file, the place in it and what is allowed."""
    kind = _registry().get(persona)
    findings: list[str] = []
    for file in files:
        try:
            print(f"{file}: {kind.check_content(file)}")
        except ContentInvalid as error:
            findings.append(str(error))
    if findings:
        raise ContentInvalid("\n".join(findings))


def _registry() -> PersonaRegistry:
    from nova_agent.registry import PersonaRegistry  # noqa: PLC0415 – personas bring LiveKit, seconds to import

    return PersonaRegistry()
