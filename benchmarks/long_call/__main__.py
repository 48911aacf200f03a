"""``python -m benchmarks.long_call``: hold one very long call, as Markdown tables; exit status 1 if it was not good."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.checks import Check
from benchmarks.footprint import settled, watch
from benchmarks.long_call.call import Plan, hold
from benchmarks.long_call.received import ask_what_came
from benchmarks.long_call.verdict import checks, tables
from benchmarks.machine import this_machine
from benchmarks.markdown import as_markdown
from benchmarks.report import Table, as_json
from benchmarks.serving import ANY_CREDENTIALS, serve
from nova_agent.log import configure_logging

_ENDPOINT: Final = "benchmarks.long_call.serving"
_ROTATE_AT: Final = 0.75
_WINDOW_S: Final = 10.0
"""How long a quiet moment is waited for at most. Short, so that now and then a monologue goes on for longer."""
_WINDOW_SHARE: Final = 1 / 8
_WARM_UP_S: Final = 8.0


def command(
    *,
    minutes: Annotated[float, typer.Option(min=0.5, max=65, help="How long the call is, on the line.")] = 60.0,
    speed: Annotated[float, typer.Option(min=1, max=20, help="How many of the line's seconds a real one has.")] = 8.0,
    stream_limit_s: Annotated[float, typer.Option(min=30, help="How long a stream lives, on the line.")] = 480.0,
    into: Annotated[Path | None, typer.Option(help="A JSON file for what was found.")] = None,
) -> None:
    """Hold one call over many streams. The default, an hour at eight times its speed, takes eight minutes."""
    configure_logging("error", json=False)
    os.environ |= ANY_CREDENTIALS
    notes = Console(stderr=True, highlight=False)
    began, machine = time.monotonic(), this_machine()
    rotate_s = _ROTATE_AT * stream_limit_s
    window_s = min(_WINDOW_S, _WINDOW_SHARE * stream_limit_s)
    plan = Plan(minutes, speed, stream_limit_s, rotate_s, rotate_s + window_s)

    def tell(line: str) -> None:
        notes.print(f"[dim]{time.monotonic() - began:5.0f} s[/]  {line}", soft_wrap=True)

    found, laid_out = asyncio.run(_measure(plan, tell))
    if into is not None:
        into.write_text(json.dumps(as_json(machine, {"long call": laid_out}), indent=2), encoding="utf-8")
    print(
        f"{machine.sentence()}\n\n{minutes:g} minutes at {speed:g} times real time, streams of {stream_limit_s:g} s.\n"
    )
    print("\n\n".join(map(as_markdown, laid_out)))
    raise typer.Exit(0 if all(check.holds for check in found) else 1)


async def _measure(plan: Plan, tell: Callable[[str], None]) -> tuple[list[Check], list[Table]]:
    await watch()
    set_up = {"speed": plan.speed, "life_s": plan.life_s}
    async with serve(_ENDPOINT, set_up) as (served,):
        await hold(_short(plan), served, lambda _: None)
        before = await settled()
        await served.forget_streams()
        held = await hold(plan, served, tell)
        left = await settled()
        received = await ask_what_came(served)
    found = checks(plan, held, received, left, before)
    return found, tables(plan, held, received, found)


def _short(plan: Plan) -> Plan:
    """A call with a change of streams in it, so that what is made once is made."""
    return Plan(0.5, plan.speed, plan.life_s, _WARM_UP_S, _WARM_UP_S + _WINDOW_S)


if __name__ == "__main__":
    typer.run(command)
