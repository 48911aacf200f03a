"""The caller: asks question after question, once more when no answer comes, and hangs up when it has had enough.

It knows no client: it holds one end of a :class:`Phone`. Times are milliseconds of the line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from benchmarks.faults.dead_air import DeadAir
from benchmarks.faults.heard import Heard
from benchmarks.faults.tones import is_audible
from nova_agent.simulate.pcm import AGENT_RATE_HZ, Pcm, duration_ms

ASKS: Final = 2
WAIT_MS: Final = 6_000
"""How long a caller waits before it asks again, or gives the question up."""
_PAUSE_MS: Final = 400
"""Quiet after an answer, before the next question."""
_OPENING_MS: Final = 1_500


class Phone(Protocol):
    """The caller's end of a line."""

    @property
    def now_ms(self) -> float:
        """Milliseconds of audio that have passed."""
        ...

    @property
    def ended(self) -> str | None:
        """Why the agent's end is gone; ``None`` while it is there."""
        ...

    def say(self, pcm: Pcm) -> float:
        """Speak, mono s16 at 16 kHz; return when the last word will be on the line."""
        ...

    def listen(self, listener: Callable[[float, Pcm], None]) -> None:
        """Call ``listener`` with when, and what of the agent was heard: mono s16 at 24 kHz, up to 20 ms."""
        ...

    async def next_slot(self) -> None:
        """Wait until another 20 ms have passed."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """One question. ``silence_ms``: the longest silence from the first time that it had been asked until its answer
    had been heard; ``None`` when it never was."""

    number: int
    asked: int
    silence_ms: float | None


@dataclass(slots=True)
class CallSeen:
    """What the caller can tell of a call. ``ended``: why, and ``ended_ms``: when it was over.

    ``dead_air_ms``: the longest time in which neither side was heard; ``None`` where nobody measured it.
    ``tool_runs``: how often the tool ran for each question; the agent's side fills it in, and ``messages``: how often
    each prepared message was heard whole.
    """

    turns: list[Turn] = field(default_factory=list)
    answers_ms: dict[int, float] = field(default_factory=dict)
    other_ms: float = 0.0
    first_sound_ms: float | None = None
    last_sound_ms: float | None = None
    ended: str = ""
    ended_ms: float = 0.0
    dead_air_ms: float | None = None
    tool_runs: dict[int, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patience:
    """``lost_turns`` in a row, or ``limit_ms`` in all, are enough."""

    lost_turns: int
    limit_ms: float


class Caller:
    """Takes the caller's side of one call."""

    def __init__(self, phone: Phone, clips: Mapping[int, Pcm], patience: Patience) -> None:
        self._phone = phone
        self._clips = clips
        self._patience = patience
        self._heard = Heard()
        self._dead_air = DeadAir()
        self._lost_turns = 0
        self._seen = CallSeen()
        phone.listen(self._hear)

    async def run(self, turns: int) -> CallSeen:
        """Ask the questions 1 to ``turns``."""
        await self._until(lambda: self._phone.now_ms >= _OPENING_MS)
        for number in range(1, turns + 1):
            if (reason := self._had_enough()) is not None:
                return self._over(reason)
            turn = await self._ask(number)
            self._seen.turns.append(turn)
            self._lost_turns = self._lost_turns + 1 if turn.silence_ms is None else 0
        return self._over(self._had_enough() or "all was asked")

    def _had_enough(self) -> str | None:
        if self._phone.ended is not None:
            return f"the agent left: {self._phone.ended}"
        if self._lost_turns >= self._patience.lost_turns:
            return "the caller hung up: no answer any more"
        if self._phone.now_ms >= self._patience.limit_ms:
            return "the caller hung up: it took too long"
        return None

    async def _ask(self, number: int) -> Turn:
        for asked in range(1, ASKS + 1):
            await self._say(self._clips[number], is_first=asked == 1)
            await self._until(lambda: self._heard.knows(number), WAIT_MS)
            if self._heard.knows(number):
                silence_ms = self._heard.longest_silence_ms
                await self._until(lambda: self._phone.now_ms - self._heard.quiet_since_ms >= _PAUSE_MS, WAIT_MS)
                return Turn(number, asked, silence_ms)
        return Turn(number, ASKS, None)

    async def _say(self, clip: Pcm, *, is_first: bool) -> None:
        end_ms = self._phone.say(clip)
        self._dead_air.sound(self._phone.now_ms, end_ms)
        await self._until(lambda: self._phone.now_ms >= end_ms)
        if is_first:
            self._heard.begin_silence(end_ms)

    async def _until(self, met: Callable[[], bool], limit_ms: float = float("inf")) -> None:
        began_ms = self._phone.now_ms
        while not met() and self._phone.ended is None and self._phone.now_ms - began_ms < limit_ms:
            await self._phone.next_slot()

    def _hear(self, start_ms: float, pcm: Pcm) -> None:
        self._heard.hear(start_ms, pcm)
        if is_audible(pcm):
            self._dead_air.sound(start_ms, start_ms + duration_ms(pcm, AGENT_RATE_HZ))

    def _over(self, reason: str) -> CallSeen:
        seen, heard = self._seen, self._heard
        seen.ended, seen.ended_ms = reason, self._phone.now_ms
        seen.dead_air_ms = self._dead_air.longest_ms(seen.ended_ms)
        seen.answers_ms = dict(heard.answers_ms)
        seen.other_ms, seen.first_sound_ms, seen.last_sound_ms = heard.other_ms, heard.first_ms, heard.last_ms
        return seen
