"""How often a conductor tries again, over streams that end when told to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from nova_agent.sonic.backoff import Backoff
from nova_agent.sonic.conductor import PREROLL_SAMPLES, Conductor
from nova_agent.sonic.credentials import REFRESH_BEFORE_EXPIRY_S
from nova_agent.sonic.failures import Failure
from nova_agent.sonic.history import Turn
from nova_agent.sonic.limits import EXPIRY_MARGIN_S, time_to_rotate
from nova_agent.sonic.ring import CHUNK_BYTES, RATE_HZ
from tests.fakes.streams import FakeConnector, FakeStream


async def _ignore(_: dict[str, Any]) -> None: ...


def conduct(connector: FakeConnector, **parts: Any) -> Conductor:
    """A conductor whose news nobody hears, but for what is given."""
    nobody: dict[str, Any] = {
        "deliver": _ignore,
        "recovering": lambda: None,
        "gave_up": lambda _: None,
        "observer": lambda *_, **__: None,
    }
    return Conductor(connector, **(nobody | parts))


async def kill_streams(age_s: float, times: int) -> tuple[FakeConnector, list[Failure]]:
    """Let each stream serve so long, by a clock that jumps, and die; return what the conductor made of it."""
    now, connector, gave_up = [0.0], FakeConnector(), list[Failure]()

    conductor = conduct(connector, gave_up=gave_up.append, backoff=Backoff(base_s=0.0, clock=lambda: now[0]))
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


@pytest.mark.parametrize(
    ("left_s", "credentials_last_s", "expected"),
    [
        (360.0, None, (360.0, "age")),
        (360.0, 3600.0, (360.0, "age")),
        (360.0, 400.0, (250.0, "credentials")),
        (360.0, 100.0, (30.0, "credentials")),
        (-1.0, None, (0.0, "age")),
    ],
)
def test_the_next_stream_is_prepared_before_age_or_credentials_run_out(
    left_s: float, credentials_last_s: float | None, expected: tuple[float, str]
) -> None:
    assert time_to_rotate(left_s, credentials_last_s) == expected


def test_credentials_are_renewed_before_a_stream_is_changed_for_their_sake() -> None:
    assert REFRESH_BEFORE_EXPIRY_S > EXPIRY_MARGIN_S


async def test_streams_that_die_at_once_are_given_up() -> None:
    connector, gave_up = await kill_streams(0.1, 12)
    assert [failure.reason for failure in gave_up] == ["ended"]
    assert connector.served == 8


async def test_nothing_is_waited_for_when_a_healthy_call_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nova_agent.sonic.conductor._END_LIMIT_S", 3600)
    connector = FakeConnector()

    conductor = conduct(connector)
    running = asyncio.create_task(conductor.run())
    async with asyncio.timeout(5):
        await conductor.serving.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert connector.released_streams == connector.streams


async def test_a_word_that_begins_while_the_next_stream_begins_is_not_cut_in_two() -> None:
    word = (8_000 * np.sin(np.arange(RATE_HZ // 2) / 5)).astype("<i2").tobytes()

    class Beginning(FakeStream):
        """The caller speaks while it is told the history."""

        async def begin(self, system: str, history: Sequence[Turn]) -> None:
            await super().begin(system, history)
            if conductor.serving.is_set():
                for at in range(0, len(word), CHUNK_BYTES):
                    conductor.push(word[at : at + CHUNK_BYTES])
                    await asyncio.sleep(0)

    class BeginningConnector(FakeConnector):
        async def connect(self) -> Any:
            self.streams.append(Beginning())
            return self.streams[-1]

    connector, quiet_samples = BeginningConnector(), RATE_HZ
    conductor = conduct(connector)
    running = asyncio.create_task(conductor.run())
    async with asyncio.timeout(5):
        await conductor.serving.wait()
        conductor.push(bytes(2 * quiet_samples))
        conductor.rotate("age")
        while connector.served < 2 or connector.streams[1].cursor < conductor.ring.end:  # noqa: ASYNC110 – a count
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert connector.streams[1].began_at == quiet_samples - PREROLL_SAMPLES


async def test_another_wish_to_change_streams_is_not_forgotten_in_a_change() -> None:
    connector, rotated = FakeConnector(), list[str]()

    def observe(event: str, **fields: Any) -> None:
        if event == "sonic.stream_rotated":
            rotated.append(fields["reason"])

    conductor = conduct(connector, observer=observe)
    running = asyncio.create_task(conductor.run())
    async with asyncio.timeout(5):
        await conductor.serving.wait()
        conductor.dialogue.typed("Hello?")
        conductor.rotate("age")
        while len(connector.streams) < 2:  # noqa: ASYNC110 – a count
            await asyncio.sleep(0)
        conductor.rotate("tools")
        connector.streams[0].answer("Hello.")
        while connector.served < 3:  # noqa: ASYNC110 – a count
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert rotated == ["age", "tools"]


async def test_what_a_stream_costs_before_it_serves_is_told() -> None:
    heard: list[dict[str, Any]] = []

    class Costly(FakeConnector):
        async def connect(self) -> Any:
            stream = await super().connect()
            stream._say("usageEvent", details={})
            stream._say("completionStart")
            await asyncio.sleep(0)
            return stream

    async def deliver(event: dict[str, Any]) -> None:
        heard.append(event)

    conductor = conduct(Costly(), deliver=deliver)
    running = asyncio.create_task(conductor.run())
    async with asyncio.timeout(5):
        await conductor.serving.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert {"event": {"usageEvent": {"details": {}}}} in heard


async def test_nothing_waits_to_be_typed_when_no_stream_can_be_had() -> None:
    connector, gave_up = FakeConnector(), list[Failure]()
    connector.refuse = PermissionError("no")

    conductor = conduct(connector, gave_up=gave_up.append, backoff=Backoff(attempts=1, base_s=0.0))
    async with asyncio.timeout(5):
        await asyncio.gather(conductor.run(), conductor.type("Hello?"))
    assert len(gave_up) == 1


async def test_a_model_that_waits_for_a_result_in_vain_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nova_agent.sonic.conductor.RESULT_LIMIT_S", 0.0)
    given = list[tuple[str, str]]()

    class Awaiting(FakeStream):
        async def give_result(self, tool_use_id: str, result: str) -> None:
            given.append((tool_use_id, result))

    class AwaitingConnector(FakeConnector):
        async def connect(self) -> Any:
            self.streams.append(Awaiting())
            return self.streams[-1]

    is_busy = True
    conductor = conduct(AwaitingConnector(), is_busy=lambda: is_busy)
    running = asyncio.create_task(conductor.run())
    async with asyncio.timeout(5):
        await conductor.serving.wait()
        conductor.dialogue.called("id", "look_up", "{}", time.monotonic())
        await asyncio.sleep(0.5)
        assert given == []
        is_busy = False
        while not given:  # noqa: ASYNC110 – a list
            await asyncio.sleep(0.02)
        await conductor.give_result("id", '{"late": true}')
        await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [tool_use_id for tool_use_id, _ in given] == ["id"]
