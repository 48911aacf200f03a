"""How often a conductor tries again, over streams that end when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nova_agent.sonic.backoff import Backoff
from nova_agent.sonic.conductor import Conductor
from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.failures import Failure


class FakeStream:
    """Serves until :meth:`die`; ``age_s`` is what it then says of itself."""

    endpoint = SonicEndpoint("https://nowhere", "us-east-1")

    def __init__(self) -> None:
        self.age_s = 0.0
        self.cursor = 0
        self._over = asyncio.Event()

    def die(self, age_s: float) -> None:
        self.age_s = age_s
        self._over.set()

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        await self._over.wait()
        return
        yield {}

    async def begin(self, system: str, history: Any) -> None: ...

    async def finish(self) -> None: ...

    async def close(self) -> None:
        self._over.set()

    def start_at(self, position: int) -> None:
        self.cursor = position

    def position_at(self, offset_ms: int) -> int:
        return offset_ms * 16

    async def send_audio(self, content: str, samples: int) -> None: ...

    async def type(self, text: str) -> None: ...


class FakeConnector:
    def __init__(self) -> None:
        self.streams: list[FakeStream] = []
        self.released_streams: list[FakeStream] = []
        self.served = 0

    async def connect(self) -> Any:
        self.streams.append(FakeStream())
        return self.streams[-1]

    def system(self) -> str:
        return ""

    def failed(self, stream: Any, failure: Failure) -> bool:
        return False

    def serves(self, stream: Any) -> None:
        self.served += 1

    def vacates(self, stream: Any) -> None: ...

    def released(self, stream: Any) -> None:
        self.released_streams.append(stream)

    def over(self) -> None: ...


async def kill_streams(age_s: float, times: int) -> tuple[FakeConnector, list[Failure]]:
    """Let each stream serve so long, by a clock that jumps, and die; return what the conductor made of it."""
    now, connector, gave_up = [0.0], FakeConnector(), list[Failure]()

    async def deliver(_: dict[str, Any]) -> None: ...

    conductor = Conductor(
        connector,
        deliver=deliver,
        recovering=lambda: None,
        gave_up=gave_up.append,
        observer=lambda *_, **__: None,
        backoff=Backoff(base_s=0.0, clock=lambda: now[0]),
    )
    running = asyncio.create_task(conductor.run())
    async with asyncio.timeout(5):
        for number in range(1, times + 1):
            while connector.served < number and not gave_up:  # noqa: ASYNC110 – a count
                await asyncio.sleep(0)
            if gave_up:
                break
            now[0] += age_s
            connector.streams[-1].die(age_s)
        while connector.served <= times and not gave_up:  # noqa: ASYNC110 – a count
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return connector, gave_up


@pytest.mark.parametrize("age_s", [6.0, 21.0, 35.0, 59.0, 300.0])
async def test_streams_that_served_for_a_while_are_replaced_as_often_as_they_die(age_s: float) -> None:
    connector, gave_up = await kill_streams(age_s, 12)
    assert gave_up == []
    assert connector.served == 13


async def test_streams_that_die_at_once_are_given_up() -> None:
    connector, gave_up = await kill_streams(0.1, 12)
    assert [failure.reason for failure in gave_up] == ["ended"]
    assert connector.served == 8


async def test_nothing_is_waited_for_when_a_healthy_call_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nova_agent.sonic.conductor._END_LIMIT_S", 3600)
    connector = FakeConnector()

    async def deliver(_: dict[str, Any]) -> None: ...

    conductor = Conductor(
        connector, deliver=deliver, recovering=lambda: None, gave_up=lambda _: None, observer=lambda *_, **__: None
    )
    running = asyncio.create_task(conductor.run())
    async with asyncio.timeout(5):
        await conductor.serving.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert connector.released_streams == connector.streams
