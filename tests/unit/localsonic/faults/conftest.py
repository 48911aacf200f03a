"""A stream and its HTTP/2 side that keep what is done to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from nova_agent.localsonic.faults.effects import Effects
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.localsonic.faults.stream import StreamFaults


class FakeConnection:
    def __init__(self, done: list[str]) -> None:
        self._done = done

    def abort(self) -> None:
        self._done.append("abort")

    def close(self) -> None:
        self._done.append("close")

    def go_away(self, code: int) -> None:
        self._done.append(f"go away {code}")


class FakeExchange:
    """``done``: everything in order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.is_over = False
        self.connection = FakeConnection(self.done)

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        self.done.append(f"start {status}")

    def send(self, data: bytes) -> None:
        self.done.append(f"send {len(data)}")

    def end(self) -> None:
        self.done.append("end")

    async def drained(self) -> None: ...

    def reset(self, code: int) -> None:
        self.done.append(f"reset {code}")
        self.is_over = True

    def allow(self, allowance_bytes: int | None) -> None:
        self.done.append(f"allow {allowance_bytes}")

    def block_window(self) -> None:
        self.done.append("block")

    def unblock_window(self) -> None:
        self.done.append("unblock")


class FakeStream:
    """Ends as SonicStream does."""

    def __init__(self, response: StreamFaults) -> None:
        self._response = response

    def end_with(self, last: bytes) -> None:
        self._response.start(200, {})
        self._response.send(last)
        self._response.end()


class Struck:
    """One stream under a plan, over a clock that moves only when told."""

    def __init__(self, clock: Any, *texts: str) -> None:
        self.clock = clock
        self.plan = FaultPlan(texts, now=clock.now)
        self.effects = Effects(clock)
        self.exchange = FakeExchange()
        self.faults = StreamFaults(self.plan, self.exchange, self.effects)
        self.refusal = self.faults.refusal()

    def begin(self) -> Struck:
        self.faults.begin(FakeStream(self.faults), "stream")
        return self

    def hear(self, *names: str) -> None:
        for name in names:
            self.faults.heard(f'{{"event":{{"{name}":{{}}}}}}'.encode())

    @property
    def done(self) -> list[str]:
        return self.exchange.done

    @property
    def points(self) -> list[str]:
        return [fired.point for fired in self.plan.fired]


@pytest.fixture
async def strike(clock: Any) -> AsyncIterator[Callable[..., Struck]]:
    """Put a stream under a plan; call with the faults' texts."""
    made: list[Struck] = []

    def make(*texts: str) -> Struck:
        made.append(Struck(clock, *texts))
        return made[-1]

    yield make
    for struck in made:
        struck.faults.close()
        await struck.effects.aclose()
