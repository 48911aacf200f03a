"""One stream under a plan of faults: stands between it and its client, and strikes when the time has come."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from nova_agent.localsonic.faults.catalogue import Kind
from nova_agent.localsonic.faults.counting import InputCounter, OutputCounter
from nova_agent.localsonic.faults.effects import Effects, Exchange, Stream, Victim
from nova_agent.localsonic.faults.plan import FaultPlan, Planned, Strike
from nova_agent.localsonic.faults.points import Opportunity
from nova_agent.localsonic.faults.response import HeldResponse, Response
from nova_agent.localsonic.faults.texts import REFUSALS
from nova_agent.localsonic.models import Refusal

_log = structlog.get_logger(__name__)


class Line(Exchange, Response, Protocol):
    """The stream's side of HTTP/2: what is sent, and what can be done to it."""


class StreamFaults:
    """The response that a stream gets, and what hears its input.

    In this order: :meth:`refusal`, then :meth:`begin` with the stream, then :meth:`close` when that is over. Without
    faults to come, an event costs a look at its name.
    """

    def __init__(self, plan: FaultPlan, exchange: Line, effects: Effects) -> None:
        self._plan = plan
        self._exchange = exchange
        self._effects = effects
        self._response = HeldResponse(exchange)
        self._inputs = InputCounter()
        self._outputs = OutputCounter()
        self._victim: Victim | None = None
        self._stream_id = ""
        self._is_striking = False
        self._opening: Strike | None = None
        self._began_at = effects.now()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._timers: list[asyncio.Task[None]] = []

    def refusal(self) -> Refusal | None:
        """The HTTP answer to give instead of opening the stream, if a fault says so."""
        strike = self._plan.strike(Opportunity("open"))
        if strike is not None and strike.fault.kind is Kind.REFUSAL:
            _log.info("localsonic.fault_struck", code=strike.fault.name, reason="open")
            return REFUSALS[str(strike.value)]
        self._opening = strike
        return None

    def begin(self, stream: Stream, stream_id: str) -> None:
        """The stream exists; it may be over when this returns."""
        self._victim = Victim(self._exchange, self._response, stream)
        self._stream_id = stream_id
        if self._opening is not None:
            self._perform(self._opening, "open")
        self._unsubscribe = self._plan.subscribe(self._added)
        for planned in self._plan.pending:
            self._added(planned)

    def close(self) -> None:
        """The stream is over."""
        self._unsubscribe()
        for timer in self._timers:
            timer.cancel()

    def heard(self, raw: bytes) -> None:
        """An input event has come, and is about to be acted on; ``raw`` is its JSON text."""
        name, number = self._inputs.count(raw)
        if not self._plan.is_idle:
            self._meet(Opportunity("event", name=name, number=number))

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        self._response.start(status, headers)

    def send(self, data: bytes) -> None:
        """Send one whole frame."""
        if self._is_striking:
            self._response.send(data)  # a fault's last words are no event
            return
        sent = self._outputs.count(data, measures_audio=self._plan.measures_audio)
        if sent.before is not None:
            self._meet(sent.before)
        self._response.send(data)
        if sent.after is not None:
            self._meet(sent.after)

    def end(self) -> None:
        self._response.end()

    async def drained(self) -> None:
        await self._response.drained()

    def _added(self, planned: Planned) -> None:
        """An entry that waits for the stream's age, or for no more than the stream."""
        point = planned.order.point
        if point.kind == "now":
            self._meet(Opportunity("now"))
        elif point.kind == "seconds":
            # Of an age that the stream has passed already there is no opportunity.
            delay_s = self._began_at + point.amount - self._effects.now()
            moment = Opportunity("seconds", after=math.nextafter(point.amount, -1), until=point.amount)
            if delay_s >= 0:
                self._timers.append(self._effects.later(delay_s, lambda: self._meet(moment)))

    def _meet(self, opportunity: Opportunity) -> None:
        strike = self._plan.strike(opportunity, stream=self._stream_id)
        if strike is not None:
            self._perform(strike, opportunity.kind)

    def _perform(self, strike: Strike, moment: str) -> None:
        if self._victim is not None:
            _log.info("localsonic.fault_struck", stream=self._stream_id, code=strike.fault.name, reason=moment)
            self._is_striking = True
            self._effects.perform(strike, self._victim)
            self._is_striking = False
