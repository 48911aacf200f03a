"""The model of the measurement answers what it understood."""

from __future__ import annotations

import json

import pytest

from benchmarks.faults.speech import TOOL, NumberBrain, ToneMouth
from benchmarks.faults.tones import PARDON, PLEASANTRY, tone
from nova_agent.localsonic.brain.port import (
    Action,
    CallTool,
    Conversation,
    HistoryTurn,
    Item,
    Say,
    ToolReturned,
    UserSaid,
)
from nova_agent.localsonic.voices import PLAIN


async def act(*items: Item, history: tuple[HistoryTurn, ...] = ()) -> list[Action]:
    return list(await NumberBrain().act(Conversation(history=list(history), items=list(items))))


async def test_a_question_is_answered_with_its_number() -> None:
    assert await act(UserSaid("question 7")) == [Say("Answer 7.")]
    assert await act(UserSaid("question 7 question 8")) == [Say("Answer 7."), Say("Answer 8.")]


async def test_every_fifth_question_takes_the_tool() -> None:
    assert await act(UserSaid("question 10")) == [CallTool(TOOL, {"number": 10})]
    assert await act(UserSaid("question 10"), ToolReturned("id", TOOL, json.dumps({"number": 10}))) == [
        Say("Answer 10.")
    ]


async def test_a_result_that_a_client_has_spoilt_is_no_answer() -> None:
    assert await act(ToolReturned("id", TOOL, "10")) == [Say(f"Answer {PARDON}.")]


async def test_a_model_that_is_told_to_go_on_answers_what_stands_last_in_the_history() -> None:
    go_on = UserSaid("Go on.", typed=True)
    assert await act(go_on, history=(HistoryTurn("USER", "question 9"),)) == [Say("Answer 9.")]
    answered = (HistoryTurn("USER", "question 9"), HistoryTurn("ASSISTANT", "Answer 9."))
    assert await act(go_on, history=answered) == [Say(f"Hello, this is line {PLEASANTRY}.")]


@pytest.mark.parametrize(("text", "number"), [("Answer 7.", 7), (f"Pardon, this is line {PARDON}.", PARDON)])
async def test_a_sentence_sounds_as_its_number(text: str, number: int) -> None:
    assert await ToneMouth().speak(text, voice=PLAIN, rate_hz=24_000) == tone(number, 24_000).tobytes()
