"""The agent's process: ``python -m benchmarks.handoff.call`` holds the call of the job on its standard input."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Final

from benchmarks.handoff.caller import Caller
from benchmarks.handoff.job import CallHeld, Job
from benchmarks.handoff.ours import hold_ours
from benchmarks.handoff.silences import Played, handoff_silences_ms
from benchmarks.handoff.stock import hold_stock
from nova_agent.log import configure_logging
from nova_agent.simulate.line import Line

LIMIT_S: Final = 300.0
HOLD: Final = {"ours": hold_ours, "stock": hold_stock}


async def hold(job: Job) -> CallHeld:
    """Hold the call, and return its silences."""
    line, played = Line(), Played()
    line.subscribe(played.on_line)
    caller = Caller(line, job.handoffs)
    carrying = asyncio.create_task(line.run())
    try:
        async with asyncio.timeout(LIMIT_S):
            await HOLD[job.column](job, line, caller)
    except TimeoutError as error:
        raise RuntimeError(f"the call came to a stop after: {caller.said}") from error
    finally:
        line.hang_up()
        await carrying
    return CallHeld(handoff_silences_ms(played.segments, job.handoffs), caller.said)


def main() -> None:
    """Do the job that stands on standard input."""
    configure_logging("error", json=False)
    print(json.dumps(asdict(asyncio.run(hold(Job(**json.load(sys.stdin)))))))


if __name__ == "__main__":
    main()
