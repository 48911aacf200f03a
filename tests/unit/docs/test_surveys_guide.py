"""The survey guide says of every field what the code says, and its examples are surveys that work."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from nova_agent.capture import Captured
from nova_agent.errors import ContentInvalid
from nova_agent.localsonic.brain import RulesBrain
from nova_agent.store import RunStatus
from personas.survey.conditions import compile_condition
from personas.survey.kinds import capture_kind, json_value
from personas.survey.loading import load_survey
from personas.survey.persona import SurveyTaker
from personas.survey.survey import KIND_FIELDS, ChoiceItem, Consent, Messages, Question, QuestionKind, Survey
from tests.fakes.conversation import Talk
from tests.fakes.store import fake_stores
from tests.unit.docs.pages import blocks, code_in, default_in, default_of, files, guide, rows, table

PAGE = guide("surveys")
TODAY = date(2026, 11, 22)
FILLED_IN = {(Survey, "id"), (ChoiceItem, "label")}
"""Fields that the model requires, and that are filled in from the file's name or the value."""

WORDS_AND_TOOLS = [
    ("skip_question", "skip that"),
    ("go_back", "go back"),
    ("change_answer", "change my rating to nine"),
    ("pause_survey", "can we continue later"),
    ("repeat", "say that again"),
    ("repeat", "what do you mean?"),
    ("repeat", "what are the choices?"),
    ("hand_over", "I want to talk to a person"),
    ("finish_survey", "I want to stop"),
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    for name, content in files(PAGE).items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


async def hold(survey: str, *lines: str) -> Talk:
    said = iter(lines)
    talk = Talk(SurveyTaker, RulesBrain(), fake_stores(), {"survey": survey})
    await talk.hold(lambda _heard: next(said, None))
    return talk


@pytest.mark.parametrize(
    ("heading", "model"),
    [("field", Survey), ("consent field", Consent), ("question field", Question), ("choice field", ChoiceItem)],
)
def test_every_field_is_described_with_its_default(heading: str, model: type[BaseModel]) -> None:
    described = table(PAGE, heading)
    assert described.keys() == model.model_fields.keys()
    for name, field in model.model_fields.items():
        if (model, name) not in FILLED_IN:
            assert default_in(described[name][-2]) == default_of(field), name


def test_the_kinds_of_every_field_are_right() -> None:
    special = frozenset[str]().union(*KIND_FIELDS.values())
    for name, (kinds, *_) in table(PAGE, "question field").items():
        wanted = {kind for kind, fields in KIND_FIELDS.items() if name in fields}
        assert set(code_in(kinds)) == wanted, name
        assert (kinds == "every") == (name not in special), name


def test_every_kind_and_message_is_described() -> None:
    assert tuple(table(PAGE, "kind")) == get_args(QuestionKind)
    assert table(PAGE, "message").keys() == Messages.model_fields.keys()


@pytest.mark.parametrize("kind", ["integer", "scale", "date", "phone", "email"])
def test_an_example_of_a_kind_is_stored_as_the_page_says(kind: str) -> None:
    said, stored = table(PAGE, "kind")[kind]
    limits = {"minimum": 0, "maximum": 10} if kind == "scale" else {}
    question = Question.model_validate({"id": "q", "kind": kind, "ask": "?", **limits})
    captured = capture_kind(question).capture(said.strip('"'), today=TODAY)
    assert isinstance(captured, Captured)
    assert str(json_value(captured.value)) == stored.strip("`")


async def test_the_example_survey_works(written: Path) -> None:
    talk = await hold(str(written / "visit.yaml"), "Two.", "The room was cold.")
    surveys = talk.userdata.stores.surveys
    (run,) = await surveys.runs_of_call(talk.userdata.call_id)
    answers = {row.question_id: row.value for row in await surveys.answers(run.id)}
    assert (run.status, answers["rating"]) == (RunStatus.COMPLETED, 2)
    assert "room was cold" in str(answers["why"])


async def test_the_example_survey_skips_what_its_condition_skips(written: Path) -> None:
    talk = await hold(str(written / "visit.yaml"), "Five.")
    assert talk.userdata.survey_responses == {"rating": 5}
    assert talk.userdata.end_reason == "completed"


def test_findings_are_reported_as_the_page_shows(written: Path) -> None:
    (report,) = (block for block in blocks(PAGE, "text") if "broken.yaml" in block)
    with pytest.raises(ContentInvalid) as caught:
        load_survey(written / "broken.yaml")
    assert report == f"nova-agent: {caught.value}\n[{caught.value.code}]\n"


ANSWERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "callback": ({"callback": True}, {"callback": False}),
    "callback == False": ({"callback": False}, {"callback": True}),
    "rating >= 7 and not callback": ({"rating": 7}, {"rating": 7, "callback": True}),
    "channel in ['phone', 'email']": ({"channel": "email"}, {"channel": "shop"}),
    "'fever' in symptoms": ({"symptoms": ["fever", "cough"]}, {"symptoms": ["cough"]}),
    "answered(reason)": ({"reason": "because"}, {}),
}


def test_conditions_hold_when_the_page_says() -> None:
    assert table(PAGE, "expression").keys() == ANSWERS.keys()
    for expression, (asked, left_out) in ANSWERS.items():
        condition = compile_condition(expression)
        assert condition.holds(asked), expression
        assert not condition.holds(left_out), expression
    assert not compile_condition("rating != 5").holds({})


def test_what_the_page_calls_refused_is_refused() -> None:
    (line,) = (line for line in PAGE.splitlines() if line.startswith("Refused, with what is allowed"))
    instead = "not answered(rating)"
    refused = [code for code in code_in(line) if code != instead]
    assert len(refused) == 4
    for expression in refused:
        with pytest.raises(ContentInvalid):
            compile_condition(expression)
    assert compile_condition(instead).holds({})


@pytest.mark.parametrize(("tool", "words"), WORDS_AND_TOOLS)
async def test_what_a_caller_says_has_the_effect_of_the_page(tool: str, words: str) -> None:
    talk = await hold("customer-satisfaction", "Yes, go ahead.", "Eight.", "It was quick.", "Yes, you did.", words)
    (called,) = [line.split()[1] for line in talk.said if line.startswith("  tool: ")][4:]
    assert called == tool
    assert json.loads(talk.returned[-1])["status"] in ("ok", "done")


def test_what_callers_may_say_is_all_tried() -> None:
    said = [words for first, *_ in rows(PAGE, "caller") for words in re.findall(r'"([^"]+)"', first)]
    assert said == [words for _, words in WORDS_AND_TOOLS]
