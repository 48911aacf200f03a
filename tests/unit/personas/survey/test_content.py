"""The surveys that come with the product: they load, they can be spoken, and every branch can be walked."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import pytest

from personas.survey import asking, flow
from personas.survey.loading import list_surveys, load_survey
from personas.survey.progress import SurveyProgress

TODAY: Final = date(2026, 11, 22)
PHONE: Final = "213 555 0142"

UNHAPPY: Final = [
    ("recommend", "I'd say a three"),
    ("reason", "nobody called me back"),
    ("solved", "no it wasn't solved"),
    ("missing", "the manual"),
    ("contact_channel", "online"),
    ("liked", "nothing really, skip it"),
    ("callback", "yes please"),
    ("callback_phone", PHONE),
    ("callback_phone", "yes"),
    ("callback_date", "next tuesday"),
    ("callback_date", "yes that's right"),
]
HAPPY: Final = [
    ("recommend", "ten"),
    ("reason", "you were all so friendly"),
    ("solved", "yes you did"),
    ("contact_channel", "I called you"),
    ("liked", "the friendly staff and the price"),
    ("callback", "no thank you"),
]
IN_PAIN: Final = [
    ("visit_reason", "my back hurts"),
    ("first_visit", "no"),
    ("last_visit", "March third 2025"),
    ("birth_date", "July fourth 1980"),
    ("birth_date", "yes"),
    ("symptoms", "pain and a headache"),
    ("since", "since yesterday"),
    ("pain_level", "eight"),
    ("pain_place", "in my lower back"),
    ("medication", "yes I do"),
    ("medication_names", "aspirin"),
    ("allergies", "none"),
    ("contact_phone", PHONE),
    ("contact_phone", "yes"),
    ("contact_email", "jane dot doe at example dot com"),
    ("contact_email", "yes"),
]
CHECK_UP: Final = [
    ("visit_reason", "a check up"),
    ("first_visit", "yes"),
    ("birth_date", "July fourth 1980"),
    ("birth_date", "correct"),
    ("symptoms", "none of these"),
    ("pain_level", "zero"),
    ("medication", "no"),
    ("allergies", "penicillin"),
    ("contact_phone", PHONE),
    ("contact_phone", "yes"),
    ("contact_email", "I'd rather not say"),
]


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("customer-satisfaction", UNHAPPY),
        ("customer-satisfaction", HAPPY),
        ("patient-intake", IN_PAIN),
        ("patient-intake", CHECK_UP),
    ],
)
def test_a_caller_gets_through_and_is_asked_what_belongs_to_the_branch(
    name: str, script: list[tuple[str, str]]
) -> None:
    survey = load_survey(name)
    step = flow.open_survey(survey, SurveyProgress.start(survey, "run-1"))
    step = flow.answer(survey, step.progress, words="yes", heard="yes", today=TODAY)
    for question, words in script:
        assert step.progress.question == question
        step = flow.answer(survey, step.progress, words=words, heard=words, today=TODAY)
    assert step.outcome == "completed"


@pytest.mark.parametrize("name", list_surveys())
def test_every_text_is_short_and_free_of_signs_that_nobody_can_say(name: str) -> None:
    survey = load_survey(name)
    texts = [asking.question_text(question) for question in survey.questions]
    texts += [asking.help_text(question) for question in survey.questions]
    for text in (survey.intro.text, survey.outro.text, *texts):
        assert not re.search(r"[/&%#*_()\[\]<>]|\d", text), text
        assert all(len(sentence.split()) <= 20 for sentence in re.split(r"[.?!]", text)), text


def test_the_patient_intake_says_what_to_do_in_an_emergency_before_anything_else() -> None:
    intro = load_survey("patient-intake").intro.text
    assert "emergency" in intro
    assert "can't give medical advice" in intro


def test_personal_data_is_marked() -> None:
    marked = {question.id for question in load_survey("patient-intake").questions if question.pii}
    assert marked == {"birth_date", "contact_phone", "contact_email"}


def test_make_that_four_changes_the_answer_just_given() -> None:
    survey = load_survey("customer-satisfaction")
    step = flow.open_survey(survey, SurveyProgress.start(survey, "run"))
    for words in ("yes", "three", "the wait was long"):
        step = flow.answer(survey, step.progress, words=words, heard=words, today=TODAY)
    request = "No, wait, make that the staff were rude."
    step = flow.change(survey, step.progress, request=request, heard=request, today=TODAY)
    assert [(write.question_id, write.value) for write in step.writes] == [("reason", "the staff were rude")]
    assert step.progress.question == "solved"
