"""What the process of a cell is told, and what it tells: JSON on standard input and standard output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.faults.caller import CallSeen, Patience

MODEL: Final = "amazon.nova-2-sonic-v1:0"
VOICE: Final = "tiffany"
INSTRUCTIONS: Final = "Answer the questions."


@dataclass(frozen=True, slots=True)
class Job:
    """One call. ``age_s``: when the client is to leave a stream for the next one; ``None`` leaves that to it.

    ``quota_used``: its host has no stream left.
    """

    column: str
    endpoint_url: str
    ca_bundle: str
    clips: str
    turns: int
    lost_turns: int
    limit_s: float
    age_s: float | None = None
    quota_used: bool = False

    @property
    def patience(self) -> Patience:
        return Patience(self.lost_turns, self.limit_s * 1000)

    @property
    def clips_path(self) -> Path:
        return Path(self.clips)


def do_job(call: Callable[[Job, Callable[[CallSeen], None]], Awaitable[None]]) -> None:
    """Hold the call of the job on standard input.

    ``call`` is given what to do with its result, for the moment when the call is over: what it does after that is
    taking itself down, which may hang.
    """
    job = Job(**json.load(sys.stdin))
    asyncio.run(_run(call, job))


async def _run(call: Callable[[Job, Callable[[CallSeen], None]], Awaitable[None]], job: Job) -> None:
    await call(job, tell)


def tell(seen: CallSeen) -> None:
    """Write the result, as one line."""
    print(json.dumps(asdict(seen)), flush=True)
