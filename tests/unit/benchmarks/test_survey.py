"""What the benchmark calls are about: the survey, and the caller's lines."""

from __future__ import annotations

from benchmarks.latency import TURNS_A_CALL
from benchmarks.talker import SCRIPT, SURVEY
from nova_agent.simulate.plan import Plan
from nova_agent.simulate.script import load_script
from personas.survey.loading import load_survey


def test_the_caller_has_an_answer_of_its_own_to_every_question() -> None:
    plan, survey = Plan(load_script(SCRIPT).steps), load_survey(SURVEY)
    cues = [plan.match(question.ask) for question in survey.questions]
    assert None not in cues
    assert len({cue.number for cue in cues if cue}) == len(survey.questions)


def test_the_survey_is_long_enough_for_the_turns_of_a_call() -> None:
    survey = load_survey(SURVEY)
    assert survey.intro.consent is not None
    assert 1 + len(survey.questions) >= TURNS_A_CALL
