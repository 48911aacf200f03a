"""Going back, changing earlier answers, and what that does to the branches."""

from __future__ import annotations

from typing import Any

import pytest

from personas.survey import flow
from personas.survey.progress import SurveyProgress
from personas.survey.references import find_reference
from personas.survey.steps import AnswerRecorded, AnswerWithdrawn, QuestionSkipped


@pytest.fixture
def halfway(started: Any) -> Any:
    """``rating`` is 9, ``why`` is "good food", ``again`` is yes with a day; ``drink`` is open."""
    started.says("nine", "good food", "yes", "tomorrow", "yes")
    assert started.open == "drink"
    started.writes.clear()
    return started


def test_going_back_says_the_earlier_answer_and_asks_again(started: Any) -> None:
    started.says("nine")
    assert started.does(flow.go_back) == "Earlier you said: 9. How was it?"
    assert started.open == "rating"


def test_going_back_is_offered_only_when_there_is_something_before(started: Any) -> None:
    assert "back" not in [also.intent for also in started.step.reply.expect.also]
    started.says("nine")
    assert "back" in [also.intent for also in started.step.reply.expect.also]


def test_going_back_at_the_first_question_says_so(started: Any) -> None:
    assert started.does(flow.go_back) == "There is no question before this one. How was it?"


def test_a_new_answer_after_going_back_supersedes_and_returns(started: Any) -> None:
    started.says("nine")
    started.does(flow.go_back)
    said = started.says("eight")
    assert started.writes[-1] == AnswerRecorded("rating", 1, 8, "eight", pii=False)
    assert said == "I changed your answer about rating. It is now: 8. Why is that?"


@pytest.mark.parametrize("keep", ["keep it", "leave it as it was", "that's right", "the same"])
def test_an_earlier_answer_can_be_left_as_it_was(started: Any, keep: str) -> None:
    started.says("nine")
    started.does(flow.go_back)
    said = started.says(keep)
    assert said == "All right, that stays as it was. Why is that?"
    assert len(started.writes) == 1


def test_skipping_a_question_gone_back_to_keeps_its_answer(started: Any) -> None:
    started.says("nine")
    started.does(flow.go_back)
    started.does(flow.skip)
    assert (started.values, started.open) == ({"rating": 9}, "why")


def test_one_can_go_back_step_by_step(halfway: Any) -> None:
    opened = []
    for _ in range(4):
        halfway.does(flow.go_back)
        opened.append(halfway.open)
    assert opened == ["day", "again", "why", "rating"]


@pytest.mark.parametrize(
    ("request_", "value"),
    [
        ("I want to change my answer to the first question to eight", 8),
        ("change question one to eight", 8),
        ("can you change the rating to eight please", 8),
        ("actually the rating should be eight", 8),
        ("change my first answer, make it eight", 8),
    ],
)
def test_a_request_that_holds_the_new_answer_is_served_at_once(halfway: Any, request_: str, value: int) -> None:
    said = halfway.changes(request_)
    assert [(write.question_id, write.value) for write in halfway.writes] == [("rating", value)]
    assert said.endswith("Tea or coffee?")


def test_free_text_is_changed_after_a_clear_to(halfway: Any) -> None:
    halfway.changes("change the reason to the service was slow")
    assert halfway.values["why"] == "the service was slow"


@pytest.mark.parametrize(
    ("request_", "question"),
    [
        ("I want to change my answer about the reason", "why"),
        ("can I change the first answer", "rating"),
        ("I'd like to change my last answer", "day"),
        ("let me correct question two", "why"),
        ("change the answer about the day", "day"),
        ("go back to the rating", "rating"),
    ],
)
def test_a_request_without_a_new_answer_asks_that_question_anew(halfway: Any, request_: str, question: str) -> None:
    said = halfway.changes(request_)
    assert halfway.open == question
    assert said.startswith("Earlier you said:")
    assert halfway.writes == []


def test_what_follows_a_changed_answer_does_not_answer_the_open_question(started: Any) -> None:
    started.says("nine")
    started.changes("change the rating to eight because the soup was far too cold")
    assert (started.values, started.open) == ({"rating": 8}, "why")


def test_after_the_change_the_open_question_comes_back(halfway: Any) -> None:
    halfway.changes("change the rating")
    assert halfway.says("seven").endswith("Tea or coffee?")
    assert halfway.open == "drink"


def test_a_new_answer_that_the_caller_did_not_say_is_not_taken(halfway: Any) -> None:
    halfway.changes("change the rating to three", heard="I want to change the rating")
    assert (halfway.writes, halfway.open) == ([], "rating")


def test_a_change_that_leaves_a_branch_withdraws_its_answers(halfway: Any) -> None:
    halfway.changes("change my answer to come again to no")
    assert halfway.writes == [
        AnswerRecorded("again", 3, False, "no", pii=False),
        AnswerWithdrawn("day"),
    ]
    assert "day" not in halfway.progress.trail


def test_a_change_that_opens_a_branch_asks_it_next(started: Any) -> None:
    started.says("nine", "good food", "no")
    started.changes("change my answer to question three to yes")
    assert started.open == "day"


def test_a_changed_value_that_must_be_confirmed_is_read_back(halfway: Any) -> None:
    said = halfway.changes("change the day to next friday")
    assert said.startswith("I understood:")
    halfway.says("yes")
    assert (halfway.values["day"], halfway.open) == ("2026-11-27", "drink")


def test_a_request_that_names_nothing_is_asked_which_answer(halfway: Any) -> None:
    said = halfway.changes("I want to change something")
    assert said.startswith("Which answer would you like to change?")
    assert halfway.step.reply.expect.tool == "change_answer"
    halfway.changes("the rating")
    assert halfway.open == "rating"


def test_an_answer_to_which_one_is_understood_through_either_tool(halfway: Any) -> None:
    halfway.changes("I want to change something")
    halfway.says("the first one")
    assert halfway.open == "rating"


def test_which_one_is_asked_once(halfway: Any) -> None:
    halfway.changes("I want to change something")
    assert halfway.changes("blue").endswith("Tea or coffee?")


def test_with_one_answer_given_a_change_means_that_one(started: Any) -> None:
    started.says("nine")
    started.changes("I want to change my answer to eight")
    assert started.values == {"rating": 8}


def test_a_skipped_question_can_still_be_answered(started: Any) -> None:
    started.says("nine")
    started.does(flow.skip)
    assert started.writes[-1] == QuestionSkipped("why", 2)
    started.changes("go back to question two")
    started.says("good food")
    assert started.values["why"] == "good food"


def test_a_tie_between_two_questions_names_neither(halfway: Any) -> None:
    assert find_reference(halfway.survey, halfway.progress, "change blue to green") is None


def test_consent_cannot_be_changed(talk: Any) -> None:
    before = talk.progress
    talk.changes("change it")
    assert talk.progress == before


def test_progress_survives_json_at_every_step(halfway: Any) -> None:
    assert SurveyProgress.from_json(halfway.progress.to_json()) == halfway.progress
