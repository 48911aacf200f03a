"""``python -m benchmarks.fuzz``: Local Sonic against wrong input, in numbers: answers, cases a second, memory."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.machine import this_machine
from benchmarks.quiet_sonic import quiet_sonic
from benchmarks.report import Cell, Table, show
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import PROFILES, Profile
from nova_agent.log import configure_logging
from tests.fakes.fuzzing.cases import KINDS, Kind, draw_case
from tests.fakes.fuzzing.oracle import Violated
from tests.fakes.fuzzing.over_tls import run_all
from tests.fakes.fuzzing.subject import run
from tests.fakes.fuzzing.wire import Address

_MIB: Final = 1024 * 1024
_GROUPS: Final = tuple(product(KINDS, PROFILES))


def command(
    *,
    cases: Annotated[int, typer.Option(min=0, help="Cases of each kind in each profile.")] = 10_000,
    tls: Annotated[int, typer.Option(min=0, help="Cases over TLS, in all.")] = 1_000,
    first: Annotated[int, typer.Option(min=0, help="The number of the first case.")] = 0,
) -> None:
    """Feed Local Sonic mutated event sequences and mutated frames. Everything takes about five minutes."""
    configure_logging("critical", json=False)
    ends: Counter[tuple[str, str, str]] = Counter()
    failures: list[str] = []
    rows = [_core_row(kind, profile, range(first, first + cases), ends, failures) for kind, profile in _GROUPS if cases]
    rows += [_tls_row(profile, first, tls // len(PROFILES), ends, failures) for profile in PROFILES if tls]
    show(this_machine(), (_speeds(rows), _outcomes(ends)), Console(highlight=False))
    for failure in failures:
        print(failure)
    raise typer.Exit(bool(failures))


def _core_row(
    kind: Kind, profile: Profile, numbers: range, ends: Counter[tuple[str, str, str]], failures: list[str]
) -> tuple[Cell, ...]:
    """Run the sans-I/O core and a stream over fakes; memory is traced in the second half only, because that is slow."""
    half = len(numbers) // 2
    before = len(failures)

    async def work(some: range) -> None:
        for number in some:
            try:
                ends[kind, profile, (await run(draw_case(kind, number, profile))).end] += 1
            except (Violated, TimeoutError) as error:
                failures.append(f"draw_case({kind!r}, {number}, {profile!r}): {error!r}")

    began = time.perf_counter()
    asyncio.run(work(numbers[:half]))
    took_s = time.perf_counter() - began
    gc.collect()
    tracemalloc.start()
    asyncio.run(work(numbers[half:]))
    gc.collect()
    grown_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (f"{kind}, {profile}", len(numbers), len(failures) - before, half / took_s, grown_bytes / _MIB)


def _tls_row(
    profile: Profile, first: int, count: int, ends: Counter[tuple[str, str, str]], failures: list[str]
) -> tuple[Cell, ...]:
    cases = [draw_case(kind, number, profile) for kind, number in _tls_numbers(first, count)]

    async def work() -> int:
        switches = Switches(concurrent_streams=0)
        async with quiet_sonic(speed=4.0, profile=profile, switches=switches) as sonic:
            failed = await run_all(Address.of(sonic), cases, lambda end: ends.update((("TLS", profile, end),)))
        failures.extend(f"over TLS, {case.profile}: {error!r}: {case.pieces!r}"[:2_000] for case, error in failed)
        return len(failed)

    began = time.perf_counter()
    failed = asyncio.run(work())
    return (f"over TLS, {profile}", len(cases), failed, len(cases) / (time.perf_counter() - began), None)


def _tls_numbers(first: int, count: int) -> Iterator[tuple[Kind, int]]:
    return ((KINDS[index % len(KINDS)], first + index // len(KINDS)) for index in range(count))


def _speeds(rows: list[tuple[Cell, ...]]) -> Table:
    columns = ("cases", "count", "wrong answers", "cases/s", "growth in the second half, MiB")
    return Table("Wrong input", columns, tuple(rows), "One core; a case is a whole stream with answers of its own.")


def _outcomes(ends: Counter[tuple[str, str, str]]) -> Table:
    groups = list(dict.fromkeys((kind, profile) for kind, profile, _ in ends))
    names = sorted({end for _, _, end in ends}, key=lambda end: -sum(ends[*group, end] for group in groups))
    rows: list[tuple[Cell, ...]] = [(end, *(ends[*group, end] for group in groups)) for end in names]
    return Table("How the streams ended", ("end", *map(" ".join, groups)), tuple(rows))


if __name__ == "__main__":
    typer.run(command)
