"""The scenario guide names every field with its default, and its example is a script for the survey guide's survey."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from nova_agent.simulate.matching import where_heard
from nova_agent.simulate.script import Answer, Expectation, Script, Similar, Step, load_script
from nova_agent.store import RunStatus
from personas.survey.survey import Survey
from tests.unit.docs.pages import code_in, default_in, default_of, files, guide, table

PAGE = guide("scenarios")
EXAMPLE = files(PAGE)["unhappy.yaml"]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    path = tmp_path / "unhappy.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return load_script(path)


@pytest.fixture
def survey(script: Script) -> Survey:
    content = yaml.safe_load(files(guide("surveys"))[script.options["survey"]])
    return Survey.model_validate({"id": "visit", **content})


@pytest.mark.parametrize(
    ("heading", "model"),
    [("field", Script), ("step field", Step), ("expect field", Expectation), ("answer field", Answer)],
)
def test_every_field_is_described_with_its_default(heading: str, model: type[BaseModel]) -> None:
    described = table(PAGE, heading)
    assert described.keys() == model.model_fields.keys()
    for name, (default, _meaning) in described.items():
        if (model, name) != (Script, "name"):
            assert default_in(default) == default_of(model.model_fields[name]), name


def test_the_likeness_asked_for_by_default_is_right() -> None:
    meaning = table(PAGE, "answer field")["similar"][-1]
    assert f"at_least: {Similar(to='text').at_least:g}" in meaning


def test_every_status_of_a_run_is_named() -> None:
    assert set(code_in(table(PAGE, "expect field")["status"][-1])) == set(RunStatus)


def test_the_example_waits_for_what_the_survey_says(script: Script, survey: Survey) -> None:
    questions = [question.ask for question in survey.questions]
    for step, ask in zip(script.steps, questions, strict=False):
        assert where_heard(step.when, f"Thank you. {ask}") is not None


def test_the_example_expects_an_answer_to_every_question(script: Script, survey: Survey) -> None:
    assert script.expect.answers.keys() == {question.id for question in survey.questions}
