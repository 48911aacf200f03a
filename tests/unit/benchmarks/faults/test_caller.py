"""A caller on a line that is carried by the test, without a client and without time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.faults.caller import WAIT_MS, Caller, CallSeen, Patience
from benchmarks.faults.tones import tone
from nova_agent.simulate.pcm import AGENT_RATE_HZ, CALLER_RATE_HZ, Pcm

SLOT = AGENT_RATE_HZ // 50
CLIPS = {number: np.full(CALLER_RATE_HZ, number, dtype=np.int16) for number in range(1, 21)}
DELAY_MS = 500


class FakePhone:
    """Answers what was said after half a second. ``lost``: how many times it does not hear a question."""

    def __init__(self, lost: dict[int, int] | None = None, leaves_at_ms: float = np.inf) -> None:
        self.now_ms = 0.0
        self.ended: str | None = None
        self.said: list[int] = []
        self._lost = lost or {}
        self._leaves_at_ms = leaves_at_ms
        self._answers: list[tuple[float, Pcm]] = []
        self._listeners: list[Callable[[float, Pcm], None]] = []

    def say(self, pcm: Pcm) -> float:
        number, end_ms = int(pcm[0]), self.now_ms + pcm.size * 1000 / CALLER_RATE_HZ
        self.said.append(number)
        self._lost[number] = self._lost.get(number, 0) - 1
        if self._lost[number] < 0:
            sound = tone(number, AGENT_RATE_HZ)
            self._answers += [(end_ms + DELAY_MS + 20 * at, sound[at * SLOT : (at + 1) * SLOT]) for at in range(40)]
        return end_ms

    def listen(self, listener: Callable[[float, Pcm], None]) -> None:
        self._listeners.append(listener)

    async def next_slot(self) -> None:
        due = [answer for answer in self._answers if answer[0] <= self.now_ms]
        self._answers = [answer for answer in self._answers if answer[0] > self.now_ms]
        for at_ms, slot in due:
            for listener in self._listeners:
                listener(at_ms, slot)
        self.now_ms += 20
        if self.now_ms >= self._leaves_at_ms:
            self.ended = "gone"


async def call(phone: FakePhone, turns: int = 3, *, lost_turns: int = 3, limit_ms: float = 300_000) -> CallSeen:
    return await Caller(phone, CLIPS, Patience(lost_turns, limit_ms)).run(turns)


async def test_every_question_is_asked_once_when_it_is_answered() -> None:
    phone = FakePhone()
    seen = await call(phone)
    assert phone.said == [1, 2, 3]
    assert [turn.silence_ms for turn in seen.turns] == [DELAY_MS] * 3
    assert seen.ended == "all was asked"


async def test_a_question_without_an_answer_is_asked_again_and_the_whole_wait_counts() -> None:
    seen = await call(FakePhone(lost={2: 1}))
    assert [turn.asked for turn in seen.turns] == [1, 2, 1]
    assert seen.turns[1].silence_ms == pytest.approx(WAIT_MS + 1_000 + DELAY_MS, abs=20)


async def test_a_question_that_is_never_answered_is_given_up() -> None:
    seen = await call(FakePhone(lost={2: 2}))
    assert [turn.silence_ms is None for turn in seen.turns] == [False, True, False]


async def test_a_caller_hangs_up_after_three_questions_without_an_answer() -> None:
    seen = await call(FakePhone(lost=dict.fromkeys(range(2, 21), 2)), turns=20)
    assert [turn.number for turn in seen.turns] == [1, 2, 3, 4]
    assert seen.ended == "the caller hung up: no answer any more"


async def test_a_caller_notices_that_the_agent_has_left() -> None:
    seen = await call(FakePhone(leaves_at_ms=4_000))
    assert seen.ended == "the agent left: gone"
    assert seen.ended_ms == pytest.approx(4_000)


async def test_a_caller_who_has_no_time_left_hangs_up_between_two_questions() -> None:
    seen = await call(FakePhone(), limit_ms=2_000)
    assert [turn.number for turn in seen.turns] == [1]
    assert seen.ended == "the caller hung up: it took too long"
