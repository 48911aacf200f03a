"""Several answers in one tool call."""

from __future__ import annotations

from typing import Any

from personas.survey.steps import AnswerRecorded


def test_several_answers_are_kept_in_the_surveys_order(started: Any) -> None:
    heard = "I'd come again no, because of the noise, so I give it a four"
    started.hands_several("again: no\nwhy: because of the noise\nrating: four", heard=heard)
    assert [write.question_id for write in started.writes] == ["rating", "why", "again"]
    assert started.step.reply.say == "Thank you, I noted three answers. Tea or coffee?"


def test_semicolons_separate_as_well(started: Any) -> None:
    started.hands_several("rating: nine; drink: tea", heard="nine, and tea for me")
    assert started.values == {"rating": 9, "drink": "tea"}
    assert started.open == "why"


def test_what_the_caller_did_not_say_is_ignored(started: Any) -> None:
    started.hands_several("rating: nine; drink: coffee", heard="I give it a nine")
    assert started.writes == [AnswerRecorded("rating", 1, 9, "nine", pii=False)]


def test_a_question_off_the_path_is_ignored(started: Any) -> None:
    started.hands_several("rating: nine; day: tomorrow", heard="nine and tomorrow")
    assert started.values == {"rating": 9}


def test_an_unknown_question_is_ignored(started: Any) -> None:
    before = started.writes
    started.hands_several("colour: blue", heard="blue")
    assert (started.writes, started.open, started.step.reply.status) == (before, "rating", "invalid")


def test_a_value_to_confirm_is_read_back_when_its_turn_has_come(started: Any) -> None:
    started.says("nine", "good food")
    started.hands_several("again: yes; day: tomorrow", heard="yes, tomorrow")
    assert started.progress.phase == "confirming"
    assert started.step.reply.say.startswith("Thank you.")
    assert started.open == "day"


def test_a_lone_answer_that_is_not_sure_is_treated_like_any_other(started: Any) -> None:
    started.hands_several("rating: blue", heard="blue")
    assert started.step.reply.status == "invalid"
    assert started.progress.attempts == 1


def test_with_nothing_heard_nothing_is_kept(started: Any) -> None:
    before = started.progress
    assert started.hands_several("rating: nine", heard="").progress == before


def test_consent_is_not_taken_this_way(talk: Any) -> None:
    before = talk.progress
    assert talk.hands_several("consent: yes; rating: nine", heard="yes nine").progress == before
