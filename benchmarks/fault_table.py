"""``python -m benchmarks.fault_table``: each fault of Local Sonic as the AWS Python SDK shows it, as Markdown."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.quiet_sonic import quiet_sonic
from benchmarks.sdk_session import BLOCKS, FINE, Limits, SdkWatch, Seen, Session
from nova_agent.localsonic.faults.catalogue import CATALOGUE
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.log import configure_logging

# Faults whose other arguments show something else, and those that the usual point would not show.
_ALSO: Final = (
    "http-403:InvalidSignatureException@open",
    "http-403:ExpiredTokenException@open",
    "http-403:AccessDeniedException@open",
    "http-424:ModelStreamErrorException@open",
    "http-429:ModelNotReadyException@open",
    "rst@open",
    "tcp-cut@open",
    "mute:2@turn=1",
    "trickle:40000@turn=1",
    "blocked-window:2@turn=1",
    "rst-531@audio=1:300",
    "tls-failure:authority@connect",
)
_COLUMNS: Final = ("fault", "shown by", "as", "after", "`send` afterwards", "`close` afterwards")
_TEXT_CHARACTERS: Final = 180


def command(
    fault: Annotated[list[str] | None, typer.Argument(help="Faults, as a plan takes them; all by default.")] = None,
    *,
    limit_s: Annotated[float, typer.Option(help="Seconds of waiting that count as for ever.")] = 40.0,
    send_limit_s: Annotated[float, typer.Option(help="The same for a send or the close.")] = 5.0,
) -> None:
    """Measure what the AWS Python SDK shows of each fault. Everything takes about ten minutes."""
    configure_logging("error", json=False)
    notes = Console(stderr=True, highlight=False)
    print(_row(_COLUMNS))
    print(_row(["---"] * len(_COLUMNS)))
    for text in fault or [*(entry.example for entry in CATALOGUE.values()), *_ALSO]:
        notes.print(f"[dim]{text} …[/]")
        print(_row(asyncio.run(_measure(text, Limits(limit_s, send_limit_s)))), flush=True)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("aws-sdk-bedrock-runtime", "awscrt"))
    print(f"\n{versions}; waits of {limit_s:.0f} s, and of {send_limit_s:.0f} s for `send` and `close`, are for ever.")


async def _measure(text: str, limits: Limits) -> list[str]:
    # What the CRT's tasks say about a stream that broke is what is measured here, and no news.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    watch = SdkWatch(limits)
    async with quiet_sonic(text) as sonic:
        os.environ["SSL_CERT_FILE"] = str(sonic.ca_bundle)
        struck_at = asyncio.create_task(_moment_of_strike(sonic.faults))
        session = await watch.session(sonic.endpoint_url)
        at = struck_at.result() if struck_at.done() else None
        struck_at.cancel()
    await watch.aclose()
    return _cells(text, session, at)


async def _moment_of_strike(plan: FaultPlan) -> float:
    while not plan.fired:  # noqa: ASYNC110 - to a millisecond is good enough
        await asyncio.sleep(0.001)
    return time.monotonic()


def _cells(text: str, session: Session, struck_at: float | None) -> list[str]:
    reading = session.reading
    after = f"{max(0.0, reading.at - struck_at) * 1000:.0f} ms" if reading.at and struck_at else "–"
    return [f"`{text}`", f"`{reading.where}`", _shown(reading), after, _shown(session.sending), _shown(session.closing)]


def _shown(seen: Seen) -> str:
    if seen.what in (BLOCKS, FINE) or seen.at is None:
        return seen.what
    words = " ".join(seen.text.split()).replace("|", "\\|")
    short = words if len(words) <= _TEXT_CHARACTERS else words[: _TEXT_CHARACTERS - 1] + "…"
    return f"{seen.what}: {short}" if short else seen.what


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    typer.run(command)
