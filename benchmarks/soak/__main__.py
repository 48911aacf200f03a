"""``python -m benchmarks.soak``: hold short calls with faults in one process; exit status 1 if anything is left."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from benchmarks.checks import Check
from benchmarks.footprint import settled, watch
from benchmarks.machine import this_machine
from benchmarks.markdown import as_markdown
from benchmarks.report import Table, as_json
from benchmarks.serving import ANY_CREDENTIALS
from benchmarks.soak.lanes import Lanes, Outcome, open_lanes
from benchmarks.soak.plan import CallPlan, draw_plans
from benchmarks.soak.verdict import checks, tables
from benchmarks.soak.words import ANSWERS
from nova_agent.log import configure_logging

_WARM_UP_SEED: Final = 0
_WARM_UP_FAULTS: Final = ("tcp-cut@turn=2",)
_TELL_EVERY: Final = 25


def command(
    *,
    calls: Annotated[int, typer.Option(min=2, max=10_000, help="How many.")] = 500,
    at_once: Annotated[int, typer.Option(min=1, max=40, help="Calls that are held side by side.")] = 8,
    speed: Annotated[float, typer.Option(min=1, max=4, help="Of the line and of the endpoints.")] = 1.0,
    seed: Annotated[int, typer.Option(help="What happens in which call.")] = 1,
    into: Annotated[Path | None, typer.Option(help="A JSON file for what was found.")] = None,
) -> None:
    """Hold short calls with random faults, several at once. 500 take five minutes."""
    # The calls report what breaks them, which is what is wanted here.
    configure_logging("critical", json=False)
    os.environ |= ANY_CREDENTIALS
    notes = Console(stderr=True, highlight=False)
    began, machine = time.monotonic(), this_machine()

    def tell(line: str) -> None:
        notes.print(f"[dim]{time.monotonic() - began:5.0f} s[/]  {line}", soft_wrap=True)

    found, laid_out = asyncio.run(_measure(list(draw_plans(calls, seed, len(ANSWERS))), at_once, speed, tell))
    if into is not None:
        into.write_text(json.dumps(as_json(machine, {"soak": laid_out}), indent=2), encoding="utf-8")
    print(f"{machine.sentence()}\n\n{calls} calls, {at_once} at once, {speed:g} times real time, seed {seed}.\n")
    print("\n\n".join(map(as_markdown, laid_out)))
    raise typer.Exit(0 if all(check.holds for check in found) else 1)


async def _measure(
    plans: list[CallPlan], at_once: int, speed: float, tell: Callable[[str], None]
) -> tuple[list[Check], list[Table]]:
    errors = Counter[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.update([_told(context)]))
    await watch()
    async with open_lanes(at_once, speed) as lanes:
        await lanes.hold(_warm_up(at_once), lambda _: None)
        halves, outcomes = [await settled()], list[Outcome]()
        tell(f"begins, after {at_once} calls that are not counted")
        for half in (plans[: len(plans) // 2], plans[len(plans) // 2 :]):
            await _hold(lanes, half, outcomes, tell)
            halves.append(await settled(halves[0]))
            if halves[-1].tasks > halves[0].tasks:
                _tell_tasks(tell)
    found = checks(outcomes, halves, errors)
    return found, tables(outcomes, halves, found)


def _warm_up(calls: int) -> Iterator[CallPlan]:
    """Calls in which what is made once is made."""
    for plan in draw_plans(calls, _WARM_UP_SEED, len(ANSWERS)):
        yield replace(plan, faults=_WARM_UP_FAULTS)


async def _hold(lanes: Lanes, plans: list[CallPlan], outcomes: list[Outcome], tell: Callable[[str], None]) -> None:
    def ended(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if outcome.stuck_at or not outcome.row_has_ended or outcome.record_status != "ended":
            tell(f"not well: {outcome}")
        if len(outcomes) % _TELL_EVERY == 0:
            tell(f"{len(outcomes)} calls are over")

    await lanes.hold(plans, ended)


def _tell_tasks(tell: Callable[[str], None]) -> None:
    """Say what is left over, and where it waits."""
    for task in asyncio.all_tasks():
        frames = " < ".join(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}" for frame in task.get_stack())
        tell(f"left over: {task.get_name()} at {frames}")


def _told(context: dict[str, Any]) -> str:
    """What asyncio has to say of an error that nobody took."""
    told = context.get("exception") or context.get("task") or context.get("future")
    return f"{context.get('message')}: {told!r}"


if __name__ == "__main__":
    typer.run(command)
