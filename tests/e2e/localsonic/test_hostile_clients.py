"""Clients that mean no good get nowhere, and those beside them notice nothing."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from benchmarks.quiet_sonic import quiet_sonic
from nova_agent.localsonic.limits import MIB, Limits
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import PROFILES, Profile
from tests.fakes.fuzzing.attacks import ATTACKS, Leaving, abandon
from tests.fakes.fuzzing.cases import draw_case
from tests.fakes.fuzzing.over_tls import run_all
from tests.fakes.fuzzing.wire import Address, ask, connected

LIMITS = Limits(handshake_s=1.0, first_request_s=1.0, idle_s=1.0, unfinished_bytes=12 * MIB, unsent_bytes=MIB)
# The attacks that read why they were stopped; a flood is still under way when its connection closes.
GOAWAY = {
    "leave_headers_open": 0,
    "swell_headers": 11,
    "overflow_window": 3,
    "open_too_many": 1,
    "announce_a_giant_frame": 6,
}
_ANSWER_LIMIT_S = 5.0


@pytest.fixture
async def sonic() -> AsyncIterator[LocalSonic]:
    # The service's own quota would refuse the well-behaved client as soon as others hold twenty streams.
    switches = Switches(concurrent_streams=0)
    async with quiet_sonic(limits=LIMITS, switches=switches, speed=4.0, idle_limit_s=4.0) as sonic:
        yield sonic


async def until_nothing_is_open(sonic: LocalSonic) -> None:
    async with asyncio.timeout(10):
        while sonic.open_streams:  # noqa: ASYNC110 - a count, and no event of the endpoint's API
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_stopped_and_others_are_answered_meanwhile(name: str, sonic: LocalSonic) -> None:
    address = Address.of(sonic)
    attack = asyncio.create_task(ATTACKS[name](address, 8.0))
    await asyncio.sleep(0.05)
    await asyncio.wait_for(ask(address), _ANSWER_LIMIT_S)
    reaction = await attack
    assert reaction.after_s is not None
    assert name not in GOAWAY or reaction.goaway == GOAWAY[name]
    await until_nothing_is_open(sonic)


@pytest.mark.parametrize("leaving", ["reset", "cut", "silence"])
async def test_abandoned_streams_leave_nothing_behind(leaving: Leaving, sonic: LocalSonic) -> None:
    address = Address.of(sonic)
    await ask(address)
    tasks, files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count
    assert await abandon(address, leaving, streams=100, connections=4) == 100
    assert len(sonic.ledger.streams) == 101
    await until_nothing_is_open(sonic)
    await ask(address)
    await asyncio.sleep(0.1)
    assert len(asyncio.all_tasks()) <= tasks
    assert len(os.listdir("/proc/self/fd")) <= files  # noqa: PTH208


async def test_a_connection_without_streams_is_closed(sonic: LocalSonic) -> None:
    async with connected(Address.of(sonic)) as wire:
        wire.h2.reset_stream(wire.request())
        wire.flush()
        await asyncio.wait_for(wire.closed.wait(), 5)
        assert wire.goaway == 0


async def test_a_full_endpoint_refuses_with_503() -> None:
    async with (
        quiet_sonic(limits=Limits(streams=2), profile="lenient") as sonic,
        connected(Address.of(sonic)) as wire,
    ):
        first, second, third = wire.request(), wire.request(), wire.request()
        await wire.until_over(third)
        assert wire.statuses[third] == "503"
        assert not wire.over & {first, second}


@pytest.mark.parametrize("profile", PROFILES)
async def test_mutated_input_over_tls_gets_an_answer_that_the_protocol_knows(profile: Profile) -> None:
    cases = [draw_case(kind, number, profile) for kind in ("sequence", "frame") for number in range(60)]
    ends: Counter[str] = Counter()
    async with quiet_sonic(speed=4.0, profile=profile, switches=Switches(concurrent_streams=0)) as sonic:
        failed = await run_all(Address.of(sonic), cases, lambda end: ends.update((end,)))
        await until_nothing_is_open(sonic)
    assert failed == []
    assert len(ends) > 1
