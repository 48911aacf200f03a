"""Where the streams of a call get their places, over requests that cost nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from nova_agent.errors import SonicError
from nova_agent.sonic import connector as module
from nova_agent.sonic.backoff import Backoff
from nova_agent.sonic.connector import NoPlaceYet, SessionConnector, TooManyStreams
from nova_agent.sonic.credentials import SonicCredentials
from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.quota import StreamQuotas
from nova_agent.sonic.reasons import FAILURES
from nova_agent.sonic.regions import Regions

HOME = SonicEndpoint("https://home", "us-east-1")
AWAY = SonicEndpoint("https://away", "eu-north-1")


class FakeStream:
    closed = 0

    def __init__(self, endpoint: SonicEndpoint, *_: Any) -> None:
        self.endpoint = endpoint

    async def request(self, opening: Any) -> None: ...

    async def close(self) -> None:
        FakeStream.closed += 1


@pytest.fixture
def quotas(monkeypatch: pytest.MonkeyPatch) -> StreamQuotas:
    monkeypatch.setattr(module, "SonicStream", FakeStream)
    return StreamQuotas(2)


def session(quotas: StreamQuotas, *endpoints: SonicEndpoint) -> SessionConnector:
    return SessionConnector(
        regions=Regions(endpoints or (HOME,)),
        quotas=quotas,
        credentials=SonicCredentials(),
        model_id="amazon.nova-2-sonic-v1:0",
        opening=lambda _: [],
        system=str,
    )


@pytest.mark.parametrize("is_cancelled", [True, False])
async def test_a_stream_that_could_not_be_asked_for_is_closed(
    quotas: StreamQuotas, monkeypatch: pytest.MonkeyPatch, is_cancelled: bool
) -> None:
    asked = asyncio.Event()

    async def request(_stream: FakeStream, _opening: Any) -> None:
        asked.set()
        if is_cancelled:
            await asyncio.Event().wait()
        raise ConnectionError("reset")

    monkeypatch.setattr(FakeStream, "request", request)
    monkeypatch.setattr(FakeStream, "closed", 0)
    connecting = asyncio.create_task(session(quotas).connect())
    await asyncio.wait_for(asked.wait(), 5)
    if is_cancelled:
        connecting.cancel()
    await asyncio.wait((connecting,), timeout=5)
    assert connecting.cancelled() is is_cancelled
    assert FakeStream.closed == 1
    assert quotas.of("us-east-1").in_use() == 0


async def test_the_stream_that_follows_gets_the_place_of_the_one_that_failed(quotas: StreamQuotas) -> None:
    call, other = session(quotas), session(quotas)
    first = await call.connect()
    call.serves(first)
    assert quotas.of("us-east-1").acquire(reserved=True) is not None
    call.failed(first, FAILURES["cut"])
    call.vacates(first)
    with pytest.raises(TooManyStreams):
        await other.connect()
    second = await call.connect()
    call.released(first)
    assert quotas.of("us-east-1").in_use() == 2
    call.released(second)
    assert quotas.of("us-east-1").in_use() == 1


async def test_a_call_under_way_is_told_to_wait_and_a_new_one_is_refused(quotas: StreamQuotas) -> None:
    call = session(quotas)
    call.serves(await call.connect())
    quotas.of("us-east-1").acquire(reserved=True)
    with pytest.raises(NoPlaceYet):
        await call.connect()
    with pytest.raises(TooManyStreams):
        await session(quotas).connect()


async def test_a_place_that_was_kept_is_free_when_the_next_stream_serves_elsewhere(quotas: StreamQuotas) -> None:
    call = session(quotas, HOME, AWAY)
    first = await call.connect()
    call.serves(first)
    call.failed(first, FAILURES["unreachable"])
    call.vacates(first)
    second = await call.connect()
    assert second.endpoint == AWAY
    assert quotas.of("us-east-1").in_use() == 1
    call.serves(second)
    assert quotas.of("us-east-1").in_use() == 0
    assert quotas.of("eu-north-1").in_use() == 1


async def test_a_stream_that_cannot_be_made_gives_its_place_back(
    quotas: StreamQuotas, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks_its_bundle(*_: Any) -> FakeStream:
        raise SonicError("the CA bundle cannot be read")

    monkeypatch.setattr(module, "SonicStream", lacks_its_bundle)
    with pytest.raises(SonicError):
        await session(quotas).connect()
    assert quotas.of("us-east-1").in_use() == 0


async def attempts(quotas: StreamQuotas, failures: Mapping[SonicEndpoint, str]) -> list[SonicEndpoint]:
    """Ask for streams while that is allowed, in regions that fail as given; return where."""
    call, backoff, tried = session(quotas, *failures), Backoff(clock=lambda: 0.0), list[SonicEndpoint]()
    failure, elsewhere = None, False
    while backoff.next_delay(failure, elsewhere=elsewhere) is not None:
        stream = await call.connect()
        tried.append(stream.endpoint)
        failure = FAILURES[failures[stream.endpoint]]
        elsewhere = call.failed(stream, failure)
        call.released(stream)
    return tried


@pytest.mark.parametrize("refusal", ["access-denied", "quota", "model-not-found"])
async def test_regions_that_all_refuse_are_tried_once_each(quotas: StreamQuotas, refusal: str) -> None:
    assert await attempts(quotas, {HOME: refusal, AWAY: refusal}) == [HOME, AWAY]


async def test_a_region_that_refuses_does_not_end_the_attempts_in_another(quotas: StreamQuotas) -> None:
    tried = await attempts(quotas, {HOME: "throttled", AWAY: "access-denied"})
    assert (tried[:3], tried.count(AWAY), len(tried)) == ([HOME, AWAY, HOME], 1, 8)


async def test_nothing_is_kept_when_no_further_stream_is_asked_for(quotas: StreamQuotas) -> None:
    call = session(quotas)
    call.vacates(await call.connect())
    call.over()
    assert quotas.of("us-east-1").in_use() == 0
