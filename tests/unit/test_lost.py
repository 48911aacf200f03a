"""What a caller hears when streams fail, and where the call goes; without audio, by a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nova_agent.errors import TransferFailed
from nova_agent.lost import LostLine, LostPlan
from nova_agent.messages import Message, load_messages

MESSAGES = load_messages()
PLAN = LostPlan(wait_after_s=3.0, wait_again_s=4.0, after_waiting_s=1.0, reply_s=10.0, trouble_limit_s=30.0)
LIMIT_S = 5.0
STEP_S = 0.1


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def now(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        due = self.now_s + seconds
        while self.now_s < due:  # noqa: ASYNC110 – the test moves it
            await asyncio.sleep(0)

    async def move(self, seconds: float) -> None:
        """Let so many seconds pass, in steps, and everybody act in between."""
        for _ in range(round(seconds / STEP_S)):
            self.now_s += STEP_S
            for _ in range(8):
                await asyncio.sleep(0)


class FakeSpeaker:
    """Plays a message in no time, or not before ``held`` is set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.quiet_since = clock.now()
        self.is_answering = False
        self.heard_ms = 0
        self.played: list[str] = []
        self.shut = False
        self.held = asyncio.Event()
        self.held.set()
        self.playing = asyncio.Event()
        self.failure: Exception | None = None
        self.tries = 0

    async def play(self, message: Message, *, answer_limit_s: float, last: bool = False) -> None:
        self.heard_ms = 0
        self.tries += 1
        if self.failure is not None:
            raise self.failure
        self.playing.set()
        await self.held.wait()
        self.played.append(message.name)
        self.heard_ms = 1000
        self.shut = last
        self.quiet_since = self._clock.now()

    async def until_answered(self, limit_s: float) -> None:
        self.is_answering = False


class FakeTransfer:
    def __init__(self, failure: Exception | None = None) -> None:
        self.asked: list[str] = []
        self._failure = failure

    async def transfer(self, to: str) -> None:
        self.asked.append(to)
        if self._failure is not None:
            raise self._failure


class Call:
    """What a call looks like from its lost line."""

    def __init__(self, plan: LostPlan = PLAN, *, transfer: FakeTransfer | None = None, settled: str = "") -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.clock = Clock()
        self.speaker = FakeSpeaker(self.clock)
        self.asked = 0
        self.asking: Exception | None = None
        self.works = False
        self.line = LostLine(
            plan,
            MESSAGES,
            record=lambda event, **fields: self.events.append((event, fields)),
            end=lambda reason: self.ended.done() or self.ended.set_result(reason),
            ask=self._ask,
            works=lambda: self.works,
            settled=lambda: settled or None,
            now=self.clock.now,
            sleep=self.clock.sleep,
        )
        self.line.speaks_through(self.speaker)
        if transfer is not None:
            self.line.transfers_by(transfer)

    def _ask(self) -> None:
        self.asked += 1
        if self.asking is not None:
            raise self.asking

    async def end(self) -> str:
        async with asyncio.timeout(LIMIT_S):
            return await self.ended


@pytest.fixture
async def calls() -> AsyncIterator[list[Call]]:
    made = list[Call]()
    yield made
    for call in made:
        await call.line.aclose()


@pytest.fixture
async def call(calls: list[Call]) -> Call:
    calls.append(Call())
    return calls[0]


async def test_who_gets_no_stream_hears_an_apology_and_is_hung_up_on(call: Call) -> None:
    call.line.gave_up("access-denied")
    assert await call.end() == "sonic-failed"
    assert call.speaker.played == ["apology"]
    assert call.speaker.shut
    assert call.events == [("call.message_played", {"message": "apology", "cause": "access-denied", "ms": 1000})]


@pytest.mark.parametrize("cause", ["too-many-streams", "quota", "throttled"])
async def test_who_finds_no_line_free_hears_so(call: Call, cause: str) -> None:
    call.line.gave_up(cause)
    assert await call.end() == "busy"
    assert call.speaker.played == ["busy"]


async def test_throttling_in_mid_call_is_no_busy_line(call: Call) -> None:
    call.line.answer_began()
    call.line.gave_up("throttled")
    assert await call.end() == "sonic-failed"
    assert call.speaker.played == ["apology"]


@pytest.mark.parametrize("cause", ["no-answer", "handoff-failed"])
async def test_what_has_an_end_reason_of_its_own_keeps_it(call: Call, cause: str) -> None:
    call.line.gave_up(cause)
    assert await call.end() == cause


async def test_the_first_cause_counts(call: Call) -> None:
    call.line.gave_up("unreachable")
    call.line.gave_up("no-credentials")
    await call.end()
    assert [fields["cause"] for _, fields in call.events] == ["unreachable"]


async def test_a_call_whose_work_is_done_ends_as_it_would_have(calls: list[Call]) -> None:
    calls.append(call := Call(settled="completed"))
    call.line.gave_up("unreachable")
    assert await call.end() == "completed"
    assert call.speaker.played == []


async def test_silence_without_a_stream_is_filled_again_and_again(call: Call) -> None:
    call.line.without_stream("cut", owes=True)
    await call.clock.move(2.5)
    assert call.speaker.played == []
    await call.clock.move(1)
    assert call.speaker.played == ["wait"]
    await call.clock.move(3)
    assert call.speaker.played == ["wait"]
    await call.clock.move(1.5)
    assert call.speaker.played == ["wait", "wait"]
    call.line.gave_up("unreachable")
    await call.clock.move(1)
    await call.end()
    assert call.speaker.played == ["wait", "wait", "apology"]


async def test_what_is_being_said_is_not_talked_over(call: Call) -> None:
    call.speaker.is_answering = True
    call.line.without_stream("cut", owes=False)
    await call.clock.move(20)
    assert call.speaker.played == []


async def test_nobody_is_asked_to_wait_when_the_next_stream_comes_soon(call: Call) -> None:
    call.line.without_stream("cut", owes=False)
    await call.clock.move(2)
    call.line.with_stream()
    await call.clock.move(20)
    assert call.speaker.played == []


async def test_a_stream_that_owes_an_answer_and_gives_none_leaves_nobody_in_silence(call: Call) -> None:
    call.line.answer_began()
    call.line.without_stream("no-answer", owes=True)
    call.line.with_stream()
    await call.clock.move(4)
    assert call.speaker.played == ["wait"]
    call.line.answer_began()
    await call.clock.move(20)
    assert call.speaker.played == ["wait"]


async def test_who_has_been_left_waiting_is_asked_sooner_unless_the_next_stream_is_there(call: Call) -> None:
    call.line.answer_began()
    call.line.without_stream("no-answer", owes=True)
    await call.clock.move(0.5)
    call.line.with_stream()
    await call.clock.move(2)
    assert call.speaker.played == []
    call.line.without_stream("no-answer", owes=True)
    await call.clock.move(0.5)
    assert call.speaker.played == ["wait"]


async def test_a_model_that_says_nothing_on_a_second_stream_is_asked_and_then_given_up(call: Call) -> None:
    call.line.answer_began()
    call.line.without_stream("no-answer", owes=True)
    call.line.with_stream()
    await call.clock.move(9.5)
    assert call.asked == 0
    await call.clock.move(1)
    assert call.asked == 1
    await call.clock.move(9)
    assert not call.ended.done()
    await call.clock.move(1)
    assert await call.end() == "no-answer"
    assert call.speaker.played[-1] == "apology"
    assert call.asked == 1


async def test_a_model_that_answers_when_it_is_asked_has_heard_a_noise(call: Call) -> None:
    call.line.answer_began()
    for _ in range(2):
        call.line.without_stream("no-answer", owes=True)
        call.line.with_stream()
        await call.clock.move(11)
        call.line.answer_began()
        await call.clock.move(60)
    assert call.asked == 2
    assert not call.ended.done()


async def test_a_model_that_cannot_be_asked_is_given_up_like_one_that_does_not_answer(call: Call) -> None:
    call.asking = RuntimeError("the session is closing")
    call.line.answer_began()
    call.line.without_stream("no-answer", owes=True)
    call.line.with_stream()
    await call.clock.move(21)
    assert await call.end() == "no-answer"


async def test_a_model_that_waits_for_a_tool_owes_nothing_yet(call: Call) -> None:
    call.works = True
    call.line.answer_began()
    call.line.without_stream("cut", owes=True)
    call.line.with_stream()
    await call.clock.move(19)
    call.works = False
    await call.clock.move(9)
    assert call.asked == 0
    await call.clock.move(1.5)
    assert call.asked == 1


async def test_nothing_is_asked_of_a_call_whose_work_is_done(calls: list[Call]) -> None:
    calls.append(call := Call(settled="completed"))
    call.line.answer_began()
    call.line.without_stream("no-answer", owes=True)
    call.line.with_stream()
    await call.clock.move(25)
    assert call.asked == 0
    assert not call.ended.done()


async def test_a_call_that_never_begins_is_given_up(call: Call) -> None:
    call.line.without_stream("start", owes=True)
    call.line.with_stream()
    await call.clock.move(11)
    assert await call.end() == "no-answer"
    assert call.speaker.played[-1] == "apology"


async def test_streams_that_come_and_go_and_never_answer_are_given_up(call: Call) -> None:
    call.line.answer_began()
    for _ in range(6):
        call.line.without_stream("model-error", owes=True)
        call.line.with_stream()
        await call.clock.move(6)
    assert await call.end() == "sonic-failed"
    assert call.events[-1][1]["cause"] == "model-error"


async def test_an_opening_that_comes_late_is_given_up_only_where_a_stream_has_had_its_time(call: Call) -> None:
    call.line.without_stream("start", owes=True)
    call.line.unanswered()
    call.line.with_stream()
    await call.clock.move(4)
    call.line.unanswered()
    await call.clock.move(1.5)
    assert "apology" not in call.speaker.played
    call.line.unanswered()
    await call.clock.move(1)
    assert await call.end() == "no-answer"


async def test_an_opening_that_nobody_sees_to_is_given_up(call: Call) -> None:
    call.line.unanswered()
    assert await call.end() == "no-answer"


async def test_the_apology_waits_for_the_message_before_it(call: Call) -> None:
    call.speaker.held.clear()
    call.line.without_stream("cut", owes=False)
    await call.clock.move(4)
    assert call.speaker.playing.is_set()
    call.line.gave_up("unreachable")
    await call.clock.move(1)
    assert call.speaker.played == []
    call.speaker.held.set()
    await call.clock.move(1)
    assert call.speaker.played == ["wait", "apology"]


async def test_a_caller_who_hangs_up_during_the_apology_leaves_it_in_the_record(call: Call) -> None:
    call.speaker.held.clear()
    call.line.gave_up("unreachable")
    async with asyncio.timeout(LIMIT_S):
        await call.speaker.playing.wait()
    await call.line.aclose()
    assert call.events == [("call.message_played", {"message": "apology", "cause": "unreachable", "ms": 0})]


async def test_a_call_ends_also_when_nothing_can_be_played(call: Call) -> None:
    call.speaker.failure = RuntimeError("the room is gone")
    call.line.without_stream("cut", owes=False)
    await call.clock.move(9)
    assert call.speaker.tries == 2
    call.line.gave_up("unreachable")
    await call.clock.move(1)
    assert await call.end() == "sonic-failed"
    assert call.events[-1] == ("call.message_played", {"message": "apology", "cause": "unreachable", "ms": 0})


# -- transfer ------------------------------------------------------------------------------------------------

TO = "tel:+14155550100"
TRANSFERRING = LostPlan(when="transfer", transfer_to=TO)


async def test_the_caller_is_transferred_by_setting(calls: list[Call]) -> None:
    transfer = FakeTransfer()
    calls.append(call := Call(TRANSFERRING, transfer=transfer))
    call.line.gave_up("unreachable")
    assert await call.end() == "transferred"
    assert transfer.asked == [TO]
    assert call.speaker.played == ["apology"]
    assert call.events[-1] == (
        "call.transferred",
        {"to": TO, "ok": True, "cause": "unreachable", "error_code": None},
    )


async def test_a_transfer_that_fails_ends_in_hanging_up(calls: list[Call]) -> None:
    calls.append(call := Call(TRANSFERRING, transfer=FakeTransfer(TransferFailed("refused", "no"))))
    call.line.gave_up("too-many-streams")
    assert await call.end() == "busy"
    assert call.events[-1][1] | {"ok": False, "error_code": "refused"} == call.events[-1][1]


async def test_a_call_ends_whatever_becomes_of_its_transfer(calls: list[Call]) -> None:
    calls.append(call := Call(TRANSFERRING, transfer=FakeTransfer(RuntimeError("no such room"))))
    call.line.gave_up("unreachable")
    assert await call.end() == "sonic-failed"


async def test_nobody_is_transferred_without_the_setting(calls: list[Call]) -> None:
    transfer = FakeTransfer()
    calls.append(call := Call(LostPlan(transfer_to=TO), transfer=transfer))
    call.line.gave_up("unreachable")
    assert await call.end() == "sonic-failed"
    assert transfer.asked == []
