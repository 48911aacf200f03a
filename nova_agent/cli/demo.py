"""``nova-agent demo``: one whole call, offline, and everything that came of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console


def command(
    speed: Annotated[float, typer.Option(min=1, max=4, help="Run the whole call so much faster.")] = 1,
) -> None:
    """Let a synthetic caller phone the survey persona: both really speak, and answers land in the database.

    Needs no account, no network and no sound card.
    """
    from nova_agent.cli.demo_call import hold_demo  # noqa: PLC0415 – LiveKit takes seconds to import

    if not hold_demo(speed, Console(highlight=False)):
        raise typer.Exit(1)
