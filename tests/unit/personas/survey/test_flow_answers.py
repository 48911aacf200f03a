"""Consent, answers, and what the reply tells the model about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from personas.survey import flow
from personas.survey.steps import AnswerRecorded, QuestionSkipped


def test_the_opening_introduces_itself_and_asks_for_consent(talk: Any) -> None:
    reply = talk.step.reply
    assert reply.say == "Hello. May I start?"
    assert (reply.expect.tool, reply.expect.argument) == ("record_answer", "answer")
    assert reply.expect.arguments == {"ask": "consent:1"}
    assert reply.expect.json_schema == {"type": "boolean"}
    assert [also.intent for also in reply.expect.also] == ["repeat", "stop", "person"]


def test_a_yes_opens_the_first_question(talk: Any) -> None:
    assert talk.says("sure, go ahead").endswith("How was it?")
    assert (talk.open, talk.writes) == ("rating", [])


def test_a_no_declines_the_survey(talk: Any) -> None:
    assert talk.says("no thanks") == "That's fine. Goodbye."
    assert (talk.step.outcome, talk.step.reply.status, talk.step.reply.expect) == ("declined", "done", None)


def test_consent_counts_only_in_the_callers_own_words(talk: Any) -> None:
    talk.hands("yes", heard="who is this")
    assert (talk.progress.phase, talk.step.reply.status) == ("consent", "invalid")


def test_without_a_clear_consent_the_survey_ends_as_declined(talk: Any) -> None:
    talk.says("blue", "green", "red", "purple")
    assert talk.step.outcome == "declined"


def test_a_survey_without_consent_asks_at_once(with_questions: Callable[..., Any]) -> None:
    survey = with_questions({"id": "q", "kind": "yes_no", "ask": "Well?"}).survey
    bare = survey.model_copy(update={"intro": survey.intro.model_copy(update={"consent": None})})
    step = flow.open_survey(bare, flow.SurveyProgress.start(bare, "run-1"))
    assert step.reply.say == "Hello. Well?"


def test_an_answer_is_recorded_and_the_next_question_asked(started: Any) -> None:
    said = started.says("I'd say nine")
    assert started.writes == [AnswerRecorded("rating", 1, 9, "I'd say nine", pii=False)]
    assert said.endswith("Why is that?")


def test_the_whole_survey_ends_with_the_outro(started: Any) -> None:
    said = started.says("nine", "the food was good", "no", "tea", "213 555 0142", "yes")
    assert said.endswith("That was all. Goodbye.")
    assert (started.step.outcome, started.step.reply.status) == ("completed", "done")
    assert started.values == {
        "rating": 9,
        "why": "the food was good",
        "again": False,
        "drink": "tea",
        "phone": "+12135550142",
    }


def test_a_question_whose_condition_fails_is_not_asked(started: Any) -> None:
    started.says("nine", "good food", "no")
    assert started.open == "drink"


def test_a_question_whose_condition_holds_is_asked(started: Any) -> None:
    started.says("nine", "good food", "yes")
    assert started.open == "day"


def test_every_directive_has_a_label_of_its_own(started: Any) -> None:
    labels = [started.progress.label]
    for sentence in ("blue", "nine", "good food"):
        started.says(sentence)
        labels.append(started.progress.label)
    assert labels == ["rating:2", "rating:3", "why:4", "again:5"]
    assert all(also.arguments == {"ask": "again:5"} for also in started.step.reply.expect.also)


@pytest.mark.parametrize("label", ["rating:2", " Rating : 2 ", "RATING:2"])
def test_a_label_matches_whatever_its_blanks_and_capitals(started: Any, label: str) -> None:
    assert flow.matches(started.progress, label)


@pytest.mark.parametrize("label", ["rating:1", "why:2", "rating", "", "2"])
def test_any_other_label_does_not_match(started: Any, label: str) -> None:
    assert not flow.matches(started.progress, label)


def test_the_current_directive_says_the_open_question_under_the_same_label(started: Any) -> None:
    reply = flow.current_directive(started.survey, started.progress)
    assert (reply.say, reply.expect.arguments) == ("How was it?", {"ask": "rating:2"})


def test_with_nothing_heard_nothing_changes(started: Any) -> None:
    before = started.progress
    step = started.hands("nine", heard="  ")
    assert (step.progress, step.writes, step.reply.status) == (before, (), "invalid")
    assert step.reply.data["reason"] == "wait-for-caller"
    assert step.reply.say == "How was it?"


def test_what_was_heard_wins_over_what_the_model_made_of_it(started: Any) -> None:
    started.hands("ten", heard="let me say nine")
    assert started.values == {"rating": 9}


def test_the_models_paraphrase_is_confirmed_before_it_is_written(with_questions: Callable[..., Any]) -> None:
    talk = with_questions({"id": "how", "kind": "single_choice", "ask": "How?", "choices": ["bus", "train"]})
    step = talk.hands("train", heard="on the big railway thing")
    assert (step.reply.status, step.writes) == ("confirm", ())
    assert step.reply.say == "I understood: train. Is that right?"
    talk.says("yes")
    assert talk.writes == [AnswerRecorded("how", 1, "train", "on the big railway thing", pii=False)]


def test_a_doubtful_value_is_confirmed(started: Any) -> None:
    started.says("ten, no wait")
    assert (started.progress.phase, started.values) == ("confirming", {})


def test_the_reason_in_the_same_breath_answers_the_next_question(started: Any) -> None:
    said = started.says("nine because the staff were so friendly")
    assert started.writes == [
        AnswerRecorded("rating", 1, 9, "nine", pii=False),
        AnswerRecorded("why", 2, "because the staff were so friendly", "because the staff were so friendly", pii=False),
    ]
    assert said == "Thank you, I noted both answers. Would you come again?"


@pytest.mark.parametrize("sentence", ["nine out of ten", "nine I guess so", "nine, thank you very much"])
def test_a_mere_filler_does_not_answer_the_next_question(started: Any, sentence: str) -> None:
    started.says(sentence)
    assert (started.values, started.open) == ({"rating": 9}, "why")


@pytest.mark.parametrize("sentence", ["no, you did not solve it", "no, that's not necessary", "no I'm afraid not"])
def test_underlining_a_no_does_not_answer_the_next_question(with_questions: Callable[..., Any], sentence: str) -> None:
    talk = with_questions(
        {"id": "solved", "kind": "yes_no", "ask": "Solved?"},
        {"id": "missing", "kind": "open_text", "ask": "What was missing?"},
    )
    talk.says(sentence)
    assert (talk.values, talk.open) == ({"solved": False}, "missing")


def test_a_remark_of_substance_answers_the_next_question(with_questions: Callable[..., Any]) -> None:
    talk = with_questions(
        {"id": "medication", "kind": "yes_no", "ask": "Medication?"},
        {"id": "names", "kind": "open_text", "ask": "Which?", "when": "medication"},
    )
    talk.says("yes I take aspirin and ibuprofen")
    assert talk.values == {"medication": True, "names": "I take aspirin and ibuprofen"}


def test_the_rest_of_a_breath_never_answers_a_question_that_is_not_asked(with_questions: Callable[..., Any]) -> None:
    talk = with_questions(
        {"id": "again", "kind": "yes_no", "ask": "Again?"},
        {"id": "drink", "kind": "single_choice", "ask": "Drink?", "choices": ["tea", "coffee"], "when": "not again"},
        {"id": "note", "kind": "integer", "ask": "How many?"},
    )
    talk.says("yes, and I will have a coffee")
    assert talk.values == {"again": True}


def test_the_rest_of_a_breath_never_skips_a_confirmation(with_questions: Callable[..., Any]) -> None:
    talk = with_questions(
        {"id": "again", "kind": "yes_no", "ask": "Again?"}, {"id": "phone", "kind": "phone", "ask": "Phone?"}
    )
    talk.says("yes, my number is 213 555 0142")
    assert talk.values == {"again": True}
    assert talk.open == "phone"


def test_a_failed_answer_is_asked_again_with_more_help_each_time(started: Any) -> None:
    first, second, third = started.says("blue"), started.says("green"), started.says("purple")
    assert first.endswith("How was it?")
    assert "Ten is best." in second
    assert "skip" in third
    assert "person" in third
    assert started.step.reply.status == "invalid"


def test_a_question_that_keeps_failing_is_left_out_in_the_end(started: Any) -> None:
    started.says("blue", "green", "purple", "red")
    assert started.writes == [QuestionSkipped("rating", 1)]
    assert started.open == "why"


def test_the_surveys_own_message_replaces_the_hint(with_questions: Callable[..., Any]) -> None:
    talk = with_questions(
        {"id": "n", "kind": "integer", "ask": "N?", "maximum": 5, "messages": {"out_of_range": "Five is the most."}}
    )
    assert talk.says("seven") == "Five is the most. N?"


def test_data_is_small_and_never_holds_a_personal_value(started: Any) -> None:
    started.says("nine", "good food", "no", "tea", "213 555 0142")
    assert started.progress.phase == "confirming"
    assert started.step.reply.data == {
        "question": "phone",
        "kind": "phone",
        "number": 5,
        "remaining": 0,
        "pii": True,
    }


def test_data_counts_what_is_left(started: Any) -> None:
    assert started.step.reply.data == {"question": "rating", "kind": "scale", "number": 1, "remaining": 4}


def test_after_the_end_nothing_changes_any_more(talk: Any) -> None:
    talk.says("no thanks")
    ended = talk.progress
    assert talk.says("nine") == "That's fine. Goodbye."
    assert (talk.progress, talk.step.outcome, talk.writes) == (ended, None, [])
