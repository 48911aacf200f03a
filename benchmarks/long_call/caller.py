"""The caller: talks without end, interrupts, types, falls silent, and speaks for 20 s without a pause.

Times are milliseconds of the line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.faults.caller import Phone
from benchmarks.long_call.script import Kind, kind_of
from benchmarks.long_call.sounds import LONG_MS, MONOLOGUE_MS, PLACES, SHORT_MS, Hearing, spoken
from nova_agent.simulate.pcm import CALLER_RATE_HZ

_PAUSE_MS: Final = 400
_SILENCE_MS: Final = 10_000
_HEARD_FIRST_MS: Final = 500
"""How much of a long answer the caller listens to before it interrupts."""


@dataclass(frozen=True, slots=True)
class Turn:
    """``latency_ms``: from the end of the question to the first sound of its answer; ``None`` without an answer.

    ``stopped_ms``: how long the answer before went on when the caller interrupted it; ``None`` when it did not stop.
    ``rotated``: whether streams were changed in it.
    """

    number: int
    kind: Kind
    asked: int
    latency_ms: float | None
    stopped_ms: float | None
    rotated: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """What the caller is told by the rest of the measurement.

    ``rotations``: how many there have been. ``is_late``: whether the next one must come within seconds, so that a
    monologue begun now goes on across it. ``type_text``: types in the caller's place.
    """

    rotations: Callable[[], int]
    is_late: Callable[[], bool]
    type_text: Callable[[str], None]


class Caller:
    """Takes the caller's side of the call. ``patience_ms``: how long it waits for an answer."""

    def __init__(self, phone: Phone, hearing: Hearing, moment: Moment, *, patience_ms: float) -> None:
        self._phone = phone
        self._hearing = hearing
        self._moment = moment
        self._patience_ms = patience_ms
        phone.listen(hearing.hear)

    async def ask(self, number: int) -> Turn:
        """Take one turn, and ask a second time if no answer comes."""
        kind, rotations = self._kind(number), self._moment.rotations()
        if kind is Kind.AFTER_SILENCE:
            await self._until(lambda: False, _SILENCE_MS)
        stopped_ms, latency_ms, asked = None, None, 0
        while latency_ms is None and asked < 2 and self._phone.ended is None:
            asked += 1
            began_ms = self._phone.now_ms
            ended_ms = await self._say(number, kind)
            if await self._is_answered(number, kind):
                answer = self._hearing.answers[-1]
                latency_ms = answer.began_ms - ended_ms
                stopped_ms = self._stopped_ms(began_ms) if kind is Kind.BARGE_IN and asked == 1 else None
        if kind is not Kind.INTERRUPTED:
            await self._until(self._is_quiet, self._patience_ms)
        return Turn(number, kind, asked, latency_ms, stopped_ms, self._moment.rotations() > rotations)

    def _kind(self, number: int) -> Kind:
        kind = kind_of(number)
        return Kind.MONOLOGUE if kind is Kind.PLAIN and self._moment.is_late() else kind

    async def _say(self, number: int, kind: Kind) -> float:
        """Say, or type, the question; return when that ended."""
        if kind is Kind.TYPED:
            self._moment.type_text(f"question {number}")
            return self._phone.now_ms
        tone_ms = MONOLOGUE_MS if kind is Kind.MONOLOGUE else SHORT_MS
        end_ms = self._phone.say(spoken(number, CALLER_RATE_HZ, tone_ms))
        await self._until(lambda: self._phone.now_ms >= end_ms)
        return end_ms

    async def _is_answered(self, number: int, kind: Kind) -> bool:
        """Wait for the answer, of a long one for its beginning."""
        met = self._begins if kind is Kind.INTERRUPTED else self._is_whole
        await self._until(lambda: met(number), self._patience_ms)
        return met(number)

    def _begins(self, number: int) -> bool:
        last = self._hearing.last
        return last is not None and last.is_of(number) and last.last_ms - last.began_ms >= _HEARD_FIRST_MS

    def _is_whole(self, number: int) -> bool:
        last = self._hearing.last
        return last is not None and last.is_whole(number)

    def _stopped_ms(self, began_ms: float) -> float | None:
        """How long the answer before the last one went on after the caller had begun to speak."""
        before = self._hearing.answers[-2]
        if before.last_ms - before.began_ms >= PLACES * LONG_MS:
            return None
        return max(0.0, before.last_ms - began_ms)

    def _is_quiet(self) -> bool:
        last = self._hearing.last
        return last is None or self._phone.now_ms - last.last_ms >= _PAUSE_MS

    async def _until(self, met: Callable[[], bool], limit_ms: float = float("inf")) -> None:
        began_ms = self._phone.now_ms
        while not met() and self._phone.ended is None and self._phone.now_ms - began_ms < limit_ms:
            await self._phone.next_slot()
