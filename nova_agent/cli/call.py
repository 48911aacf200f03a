"""``nova-agent call``: hold one call in this process, without a LiveKit server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from nova_agent.errors import ContentInvalid


def command(
    persona: Annotated[str, typer.Argument(help="Who picks up; `nova-agent personas list` shows them.")] = "survey",
    *,
    survey: Annotated[
        str | None, typer.Option(help="Which survey the survey persona takes: its name, or a YAML file.")
    ] = None,
    option: Annotated[list[str] | None, typer.Option(help="Any other option of the persona, as name=value.")] = None,
    caller: Annotated[Path | None, typer.Option(help="A caller's script (YAML): a synthetic caller speaks it.")] = None,
    text: Annotated[
        bool, typer.Option("--text", help="Type instead of talking. The default without --caller.")
    ] = False,
    record: Annotated[Path | None, typer.Option(help="Keep a stereo WAV: caller left, agent right.")] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=4,
            help="Run input, playout and Local Sonic so much faster.",
            show_default="the script's; typed: 4, or 1 with --aws or NOVA_SONIC__ENDPOINT_URL",
        ),
    ] = None,
    aws: Annotated[bool, typer.Option("--aws", help="Use Nova Sonic on AWS instead of Local Sonic.")] = False,
    identity: Annotated[
        str, typer.Option(help="Who calls, when typing; a survey left half-way is offered to the same caller again.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end, and nothing else.")
    ] = False,
) -> None:
    """Hold one call through the real agent session, offline unless told otherwise.

    Without --caller you type the caller's side, one line a turn; an empty line or Ctrl-D hangs up.
    """
    if text and caller is not None:
        raise typer.BadParameter("give either --text or --caller, not both")
    if identity and caller is not None:
        raise typer.BadParameter("--identity is for typed calls: every scripted caller is somebody new")
    if aws and speed not in (None, 1):
        raise typer.BadParameter(f"--speed {speed:g}: only Local Sonic can run faster than real time; leave out --aws")
    options = _options(survey, option)
    from nova_agent.cli import placing  # noqa: PLC0415 – LiveKit takes seconds to import, and help needs none of it

    order = placing.Order(persona=persona, options=options, recording=record, speed=speed, aws=aws)
    console = Console(quiet=as_json, highlight=False)
    if caller is None:
        answered = placing.place_typed(order, identity, console)
        if as_json:
            print(json.dumps({"call_id": answered.call_id, "end_reason": answered.end_reason}))
        raise typer.Exit(1 if answered.end_reason in _FAILURES else 0)
    result, shown = placing.place_scripted(order, caller, console)
    if as_json:
        print(json.dumps(shown, default=str))
    elif not result.passed:
        console.print("[red]The call did not go as its script expects:[/]")
        console.print(escape("\n".join((*filter(None, [result.failure]), *result.findings))), soft_wrap=True)
    raise typer.Exit(0 if result.passed else 1)


_FAILURES = frozenset({"sonic-failed", "busy", "no-answer", "handoff-failed", "session-closed"})
"""Ends of a call that neither side wanted."""


def _options(survey: str | None, given: list[str] | None) -> dict[str, str]:
    options = {"survey": survey} if survey is not None else {}
    for item in given or []:
        name, equals, value = item.partition("=")
        if not (name and equals):
            raise ContentInvalid(f"--option {item!r}: write name=value")
        options[name] = value
    return options
