"""``python -m benchmarks.hostile``: attacks on Local Sonic, and what a well-behaved client beside them notices.

The endpoint and the well-behaved client have a process each, so that neither waits for the attacker's own work.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import typer
from h2.exceptions import ProtocolError
from rich.console import Console

from benchmarks.figures import spread
from benchmarks.machine import this_machine
from benchmarks.quiet_sonic import quiet_sonic
from benchmarks.report import Cell, Table, show
from nova_agent.localsonic.limits import Limits
from nova_agent.localsonic.switches import Switches
from nova_agent.log import configure_logging
from tests.fakes.fuzzing.attacks import ATTACKS, Leaving, abandon
from tests.fakes.fuzzing.wire import Address, ask

# Shorter than in use, so that an attack need not wait for half a minute.
_LIMITS: Final = Limits(handshake_s=2.0, first_request_s=2.0, idle_s=2.0)
_PAUSE_S: Final = 0.03
_ANSWER_LIMIT_S: Final = 30.0
_STREAMS_A_CONNECTION: Final = 100


@dataclass(frozen=True, slots=True)
class State:
    """Of the endpoint's process. ``memory_mib``: resident; ``objects``: those that the garbage collector knows."""

    memory_mib: float
    objects: int
    files: int
    tasks: int
    streams: int


def command(
    *,
    attacks: Annotated[bool, typer.Option(help="Try the attacks.")] = True,
    limit_s: Annotated[float, typer.Option(help="Seconds that an attack may go on.")] = 10.0,
    streams: Annotated[int, typer.Option(min=0, help="Streams to abandon, in each of three ways.")] = 10_000,
) -> None:
    """Attack Local Sonic. Everything takes about ten minutes."""
    configure_logging("critical", json=False)
    tables = asyncio.run(_measure(ATTACKS if attacks else (), limit_s, streams))
    show(this_machine(), tables, Console(highlight=False))


async def _measure(names: Iterable[str], limit_s: float, streams: int) -> list[Table]:
    endpoint, (port, ca_certificate) = await _start(_serve)
    address = Address(port, Path(ca_certificate))
    asker, _ = await _start(_ask, address)
    attacks = [await _attack(name, address, limit_s, endpoint, asker) for name in names]
    left = [await _abandon(way, streams, address, endpoint, asker) for way in get_args(Leaving)] if streams else []
    for process in (asker, endpoint):
        process.send(None)
    first = ("closed after, s", "GOAWAY")
    rest = ("answers beside", "slowest, s", "failed", "memory, MiB", "objects", "files", "tasks", "streams")
    tables = (
        Table("Attacks", ("attack", *first, *rest), tuple(attacks)),
        Table(f"{streams} streams, opened and left", ("by", "took, s", *rest), tuple(left)),
    )
    return [table for table in tables if table.rows]


async def _attack(
    name: str, address: Address, limit_s: float, endpoint: Connection, asker: Connection
) -> tuple[Cell, ...]:
    await _told(asker)
    reaction = await ATTACKS[name](address, limit_s)
    return (name.replace("_", " "), reaction.after_s, reaction.goaway, *await _aftermath(endpoint, asker))


async def _abandon(
    way: Leaving, streams: int, address: Address, endpoint: Connection, asker: Connection
) -> tuple[Cell, ...]:
    await _told(asker)
    began = time.perf_counter()
    await abandon(address, way, streams=streams, connections=max(1, streams // _STREAMS_A_CONNECTION))
    return (way, time.perf_counter() - began, *await _aftermath(endpoint, asker))


async def _aftermath(endpoint: Connection, asker: Connection) -> tuple[Cell, ...]:
    await asyncio.sleep(0.5)
    answers: list[float | str] = await _told(asker)
    state: State = await _told(endpoint)
    found = spread(answer for answer in answers if isinstance(answer, float))
    for failure in (answer for answer in answers if isinstance(answer, str)):
        print(f"An answer failed: {failure}")
    return (
        found.count if found else 0,
        found.max if found else None,
        len(answers) - (found.count if found else 0),
        state.memory_mib,
        state.objects,
        state.files,
        state.tasks,
        state.streams,
    )


async def _told(process: Connection) -> Any:
    """Ask a process for what it has to tell."""
    process.send("tell")
    return await asyncio.to_thread(process.recv)


async def _start(work: Any, *arguments: Any) -> tuple[Connection, Any]:
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    context.Process(target=_run, args=(work, theirs, *arguments), daemon=True).start()
    return ours, await asyncio.to_thread(ours.recv)


def _run(work: Any, told: Connection, *arguments: Any) -> None:
    configure_logging("critical", json=False)
    asyncio.run(work(told, *arguments))


async def _serve(told: Connection) -> None:
    # The service's own quota would refuse the well-behaved client as soon as others hold twenty streams.
    switches = Switches(concurrent_streams=0)
    async with quiet_sonic(limits=_LIMITS, switches=switches, speed=4.0, idle_limit_s=8.0) as sonic:
        told.send((sonic.port, str(sonic.ca_certificate)))
        while await asyncio.to_thread(told.recv) is not None:
            told.send(State(*_held(), len(asyncio.all_tasks()), sonic.open_streams))


def _held() -> tuple[float, int, int]:
    """Return resident memory in MiB, and how many objects and open files there are."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = len(list(Path("/proc/self/fd").iterdir()))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(gc.get_objects()), files


async def _ask(told: Connection, address: Address) -> None:
    """Behave well, again and again; a text among the answers is why one did not come."""
    answers: list[float | str] = []
    told.send("ready")
    while True:
        if told.poll():
            if told.recv() is None:
                return
            told.send(answers)
            answers = []
        try:
            async with asyncio.timeout(_ANSWER_LIMIT_S):
                answers.append(await ask(address))
        except (OSError, ProtocolError) as error:
            answers.append(repr(error))
        await asyncio.sleep(_PAUSE_S)


if __name__ == "__main__":
    typer.run(command)
