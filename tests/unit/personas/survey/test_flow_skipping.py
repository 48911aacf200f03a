"""Leaving questions out, stopping, pausing, hearing things again, and coming back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from personas.survey import flow
from personas.survey.progress import SurveyProgress
from personas.survey.steps import QuestionSkipped


def test_an_optional_question_is_skipped_at_once(started: Any) -> None:
    started.says("nine")
    said = started.does(flow.skip)
    assert started.writes[-1] == QuestionSkipped("why", 2)
    assert said == "All right, we'll skip that one. Would you come again?"


def test_a_required_question_is_explained_once_and_skipped_on_the_second_refusal(started: Any) -> None:
    assert started.does(flow.skip).endswith("How was it?")
    assert started.writes == []
    started.does(flow.skip)
    assert (started.writes, started.open) == ([QuestionSkipped("rating", 1)], "why")


@pytest.mark.parametrize("refusal", ["I'd rather not say", "I don't want to answer that", "no comment", "skip it"])
def test_a_refusal_given_as_an_answer_counts_as_one(started: Any, refusal: str) -> None:
    assert "any answer helps" in started.says(refusal)
    started.says(refusal)
    assert started.writes == [QuestionSkipped("rating", 1)]


@pytest.mark.parametrize("nothing", ["no", "no thanks", "I don't have one", "none", "I don't know it"])
def test_an_optional_question_is_left_out_when_there_is_nothing_to_tell(started: Any, nothing: str) -> None:
    started.says("nine", "good food", "no", "tea")
    started.says(nothing)
    assert started.writes[-1] == QuestionSkipped("phone", 6)


def test_not_knowing_the_answer_to_a_required_question_is_explained_once(started: Any) -> None:
    assert "any answer helps" in started.says("I don't know")
    assert started.open == "rating"


def test_a_refusal_is_no_open_answer(started: Any) -> None:
    started.says("nine", "I'd rather not say")
    assert started.writes[-1] == QuestionSkipped("why", 2)


def test_an_open_answer_that_only_sounds_like_a_refusal_is_kept(started: Any) -> None:
    started.says("nine", "I don't know the name of the waiter but he was rude")
    assert started.values["why"].startswith("I don't know the name")


def test_after_three_failed_answers_a_skip_is_taken_at_once(started: Any) -> None:
    started.says("blue", "green", "purple")
    started.does(flow.skip)
    assert started.writes == [QuestionSkipped("rating", 1)]


def test_consent_cannot_be_skipped(talk: Any) -> None:
    assert talk.does(flow.skip).endswith("May I start?")
    assert talk.progress.phase == "consent"


@pytest.mark.parametrize("rule", [flow.skip, flow.go_back, flow.pause, flow.finish])
def test_no_request_is_served_before_the_caller_has_spoken(started: Any, rule: Callable[..., Any]) -> None:
    before = started.progress
    started.does(rule, heard="")
    assert (started.progress, started.step.outcome) == (before, None)


def test_stopping_keeps_what_was_answered(started: Any) -> None:
    started.says("nine")
    started.does(flow.finish)
    assert (started.step.outcome, started.step.reply.status, started.values) == ("stopped", "done", {"rating": 9})


@pytest.mark.parametrize("rule", [flow.skip, flow.finish, flow.pause])
def test_a_request_that_the_caller_did_not_make_changes_nothing(started: Any, rule: Callable[..., Any]) -> None:
    before = started.progress
    started.does(rule, heard="Nine.")
    assert (started.progress, started.writes, started.step.outcome) == (before, [], None)
    assert started.step.reply.data["reason"] == "caller-did-not-ask-for-it"


def test_a_yes_to_the_consent_is_never_a_wish_to_stop(talk: Any) -> None:
    talk.does(flow.finish, heard="Yes, sure.")
    assert (talk.progress.phase, talk.step.outcome) == ("consent", None)


def test_stopping_before_the_consent_declines(talk: Any) -> None:
    assert talk.does(flow.finish) == "That's fine. Goodbye."
    assert talk.step.outcome == "declined"


def test_a_paused_survey_goes_on_where_it_was(started: Any) -> None:
    started.says("nine")
    started.does(flow.pause)
    assert (started.step.outcome, started.step.reply.expect) == ("paused", None)
    kept = SurveyProgress.from_json(started.progress.to_json())
    step = flow.open_survey(started.survey, kept)
    assert step.reply.say == "Welcome back. Let's go on where we stopped. Why is that?"


def test_a_label_from_before_the_pause_is_stale(started: Any) -> None:
    label = started.progress.label
    started.does(flow.pause)
    assert not flow.matches(started.progress, label)


def test_a_run_rebuilt_from_its_answers_alone_goes_on_as_well(started: Any) -> None:
    started.says("nine")
    rebuilt = SurveyProgress.start(started.survey, "run-1").having(answers=started.progress.answers, trail=("rating",))
    step = flow.open_survey(started.survey, rebuilt)
    assert step.reply.say.endswith("Why is that?")
    assert step.reply.say.startswith("Welcome back.")


def test_a_run_resumed_in_a_read_back_reads_it_back_again(started: Any) -> None:
    started.says("nine", "good food", "no", "tea", "213 555 0142")
    step = flow.open_survey(started.survey, started.progress)
    assert step.reply.status == "confirm"
    assert step.reply.say.endswith("Is that right?")


def test_questions_that_a_newer_file_no_longer_has_are_forgotten(started: Any) -> None:
    started.says("nine", "good food")
    shorter = started.survey.model_copy(update={"questions": started.survey.questions[2:]})
    step = flow.open_survey(shorter, started.progress)
    assert step.progress.answers == {}
    assert step.reply.say.endswith("Would you come again?")


def test_a_question_can_be_heard_again_explained_and_its_choices_read(started: Any) -> None:
    assert started.repeats("say that again") == "How was it?"
    assert started.repeats("what do you mean") == "Ten is best. How was it?"
    assert started.repeats("what are the options") == "How was it? A number from zero to ten."
    assert started.progress.label == "rating:5"


def test_the_introduction_can_be_heard_again(talk: Any) -> None:
    assert talk.repeats("sorry?") == "Hello. May I start?"


def test_hearing_again_needs_no_words_and_writes_nothing(started: Any) -> None:
    assert started.repeats("") == "How was it?"
    assert started.writes == []
