"""Makes faults happen to a stream and its connection, and owns what takes time about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final, Protocol

from nova_agent.localsonic.clock import Clock
from nova_agent.localsonic.faults.catalogue import Kind
from nova_agent.localsonic.faults.last_words import last_words
from nova_agent.localsonic.faults.plan import Strike
from nova_agent.localsonic.faults.response import HeldResponse

_TICK_S: Final = 0.05


class Connection(Protocol):
    """The connection beneath a stream."""

    def abort(self) -> None:
        """Cut it with a TCP RST."""
        ...

    def close(self) -> None:
        """Close it."""
        ...

    def go_away(self, code: int) -> None:
        """Send GOAWAY."""
        ...


class Exchange(Protocol):
    """The HTTP/2 stream."""

    @property
    def connection(self) -> Connection:
        """What carries it."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether nothing leaves any more."""
        ...

    def reset(self, code: int) -> None:
        """Send RST_STREAM."""
        ...

    def allow(self, allowance_bytes: int | None) -> None:
        """Let so much leave; ``None`` is everything."""
        ...

    def block_window(self) -> None:
        """Let the client send nothing more."""
        ...

    def unblock_window(self) -> None:
        """Let the client go on."""
        ...


class Stream(Protocol):
    """What serves the stream."""

    def end_with(self, last: bytes) -> None:
        """Send these bytes as the last ones, then END_STREAM."""
        ...


class Victim:
    """One stream, as faults get at it."""

    def __init__(self, exchange: Exchange, response: HeldResponse, stream: Stream) -> None:
        self.exchange = exchange
        self.response = response
        self.stream = stream
        self.pace: asyncio.Task[None] | None = None


class Effects:
    """Carries strikes out. Closed with the endpoint."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def now(self) -> float:
        """Return simulated seconds."""
        return self._clock.now()

    def perform(self, strike: Strike, victim: Victim) -> None:
        """Do it now; what lasts goes on by itself until the stream is over."""
        match strike.fault.kind:
            case Kind.EXCEPTION | Kind.LAST_WORDS:
                victim.stream.end_with(last_words(strike))
            case Kind.STREAM:
                self._strike_stream(strike, victim)
            case Kind.CONNECTION:
                _strike_connection(strike, victim.exchange.connection)
            case Kind.HEADERS:
                victim.response.hold()
                if strike.value is not None:
                    self.later(float(strike.value), victim.response.release)
            case Kind.REFUSAL | Kind.HANDSHAKE:
                raise AssertionError(f"{strike.fault.name} strikes before there is a stream")

    def later(self, delay_s: float, act: Callable[[], None]) -> asyncio.Task[None]:
        """Act after so many simulated seconds, unless the returned task is cancelled."""

        async def wait() -> None:
            await self._clock.sleep(delay_s)
            act()

        return self._spawn(wait())

    async def aclose(self) -> None:
        """Let nothing happen any more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _strike_stream(self, strike: Strike, victim: Victim) -> None:
        exchange, value = victim.exchange, strike.value
        match strike.fault.name:
            case "rst":
                exchange.reset(int(value or 0))
            case "mute":
                self._set_pace(victim, None)
                exchange.allow(0)
                if value is not None:
                    self._set_pace(victim, self.later(float(value), lambda: exchange.allow(None)))
            case "trickle":
                exchange.allow(0)
                self._set_pace(victim, self._spawn(self._trickle(exchange, int(value or 1))))
            case "blocked-window":
                exchange.block_window()
                if value is not None:
                    self.later(float(value), exchange.unblock_window)

    def _set_pace(self, victim: Victim, task: asyncio.Task[None] | None) -> None:
        """The last fault that slows a stream's output is the one that holds."""
        if victim.pace is not None:
            victim.pace.cancel()
        victim.pace = task

    async def _trickle(self, exchange: Exchange, bytes_per_s: int) -> None:
        tick_s = max(_TICK_S, 1 / bytes_per_s)
        while not exchange.is_over:
            exchange.allow(max(1, round(bytes_per_s * tick_s)))
            await self._clock.sleep(tick_s)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name="localsonic-fault")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _strike_connection(strike: Strike, connection: Connection) -> None:
    match strike.fault.name:
        case "tcp-cut":
            connection.abort()
        case "tcp-close":
            connection.close()
        case "goaway":
            connection.go_away(int(strike.value or 0))
