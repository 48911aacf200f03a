"""Values that are read back: what keeps them, what drops them, what takes their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from personas.survey import flow
from personas.survey.steps import AnswerRecorded

PHONE = {"id": "phone", "kind": "phone", "ask": "Phone?"}
COUNT = {"id": "count", "kind": "integer", "ask": "How many?", "confirm": "always"}
LAST = {"id": "last", "kind": "yes_no", "ask": "Done?"}


@pytest.fixture
def confirming(with_questions: Callable[..., Any]) -> Any:
    talk = with_questions(COUNT, LAST)
    talk.says("ten")
    return talk


def test_a_value_is_read_back_before_it_is_written(confirming: Any) -> None:
    reply = confirming.step.reply
    assert (reply.status, confirming.writes) == ("confirm", [])
    assert reply.say == "I understood: 10. Is that right?"
    assert reply.data["understood"] == 10
    assert reply.expect.json_schema == {"type": "boolean"}


@pytest.mark.parametrize("yes", ["yes", "yes that's right", "correct", "yeah, I think so"])
def test_a_yes_keeps_the_value_with_the_words_it_came_in(confirming: Any, yes: str) -> None:
    confirming.says(yes)
    assert confirming.writes == [AnswerRecorded("count", 1, 10, "ten", pii=False)]
    assert confirming.open == "last"


def test_the_yes_must_be_the_callers(confirming: Any) -> None:
    confirming.hands("yes", heard="hmm what was that")
    assert (confirming.writes, confirming.progress.phase) == ([], "confirming")


def test_a_no_asks_again_and_keeps_nothing(confirming: Any) -> None:
    said = confirming.says("no, that's wrong")
    assert said.endswith("How many?")
    assert (confirming.writes, confirming.progress.pending, confirming.progress.phase) == ([], None, "asking")


def test_a_no_is_not_called_a_misunderstanding(with_questions: Callable[..., Any]) -> None:
    talk = with_questions(COUNT | {"messages": {"not_understood": "I didn't get that."}}, LAST)
    talk.says("ten")
    assert talk.says("no") == "Sorry about that. How many?"


@pytest.mark.parametrize("correction", ["no, nine", "nope, it's nine", "no I said nine", "nine"])
def test_another_value_takes_the_place_and_is_confirmed_again_if_the_question_says_so(
    confirming: Any, correction: str
) -> None:
    assert confirming.says(correction) == "I understood: 9. Is that right?"
    confirming.says("yes")
    assert confirming.values == {"count": 9}


def test_another_value_is_kept_at_once_when_only_a_doubt_had_asked_for_the_read_back(
    with_questions: Callable[..., Any],
) -> None:
    talk = with_questions(COUNT | {"confirm": "doubtful"}, LAST)
    talk.says("ten, no wait")
    assert talk.progress.phase == "confirming"
    talk.says("no, nine")
    assert talk.values == {"count": 9}


def test_saying_the_same_value_again_is_a_yes(confirming: Any) -> None:
    confirming.says("ten")
    assert confirming.values == {"count": 10}


def test_an_unclear_answer_is_asked_for_a_yes_or_no_once_and_then_for_the_value(confirming: Any) -> None:
    assert confirming.says("blue") == "Please say yes or no. I understood: 10. Is that right?"
    assert confirming.says("green").endswith("How many?")
    assert confirming.progress.phase == "asking"


def test_no_followed_by_yes_is_not_taken_for_a_yes(with_questions: Callable[..., Any]) -> None:
    talk = with_questions(LAST | {"confirm": "always"})
    talk.says("no")
    talk.says("no, I meant yes")
    assert talk.writes == []


def test_rejecting_for_ever_does_not_loop_for_ever(with_questions: Callable[..., Any]) -> None:
    talk = with_questions(PHONE, LAST)
    for _ in range(4):
        talk.says("213 555 0142", "no")
    assert (talk.open, talk.values) == ("last", {})


def test_going_back_from_a_read_back_asks_the_same_question_again(confirming: Any) -> None:
    assert confirming.does(flow.go_back) == "How many?"
    assert confirming.progress.pending is None


def test_a_read_back_can_be_heard_again(confirming: Any) -> None:
    assert confirming.repeats("say that again") == "I understood: 10. Is that right?"
    assert confirming.step.reply.status == "confirm"


def test_change_that_to_another_value_works_during_a_read_back(confirming: Any) -> None:
    assert confirming.changes("change that to nine") == "I understood: 9. Is that right?"


def test_never_keeps_even_a_doubtful_value(with_questions: Callable[..., Any]) -> None:
    talk = with_questions(COUNT | {"confirm": "never"}, LAST)
    talk.says("ten, no wait")
    assert talk.values == {"count": 10}
