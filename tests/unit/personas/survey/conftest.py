"""A small survey with every kind of branch, and a driver that talks to it like a caller whose words come through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pytest

from personas.survey import flow
from personas.survey.progress import SurveyProgress
from personas.survey.steps import Step, Write
from personas.survey.survey import Survey

TODAY: Final = date(2026, 11, 22)
_SAID_FOR: Final = {
    "finish": "I want to stop here.",
    "pause": "Can we go on another time?",
    "skip": "Skip that, please.",
}

CONTENT: Final[dict[str, Any]] = {
    "id": "visit",
    "title": "Visit",
    "intro": {"text": "Hello.", "consent": {"ask": "May I start?", "declined": "That's fine. Goodbye."}},
    "outro": {"text": "That was all. Goodbye."},
    "questions": [
        {"id": "rating", "kind": "scale", "ask": "How was it?", "minimum": 0, "maximum": 10, "help": "Ten is best."},
        {"id": "why", "kind": "open_text", "ask": "Why is that?", "topic": "the reason", "required": False},
        {"id": "again", "kind": "yes_no", "ask": "Would you come again?"},
        {"id": "day", "kind": "date", "ask": "On which day?", "prefer": "future", "when": "again", "confirm": "always"},
        {"id": "drink", "kind": "single_choice", "ask": "Tea or coffee?", "choices": ["tea", "coffee"]},
        {"id": "phone", "kind": "phone", "ask": "What is your number?", "required": False},
    ],
}


class Talk:
    """One conversation; every method is one tool call, and returns what the survey says."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.writes: list[Write] = []
        self.step = flow.open_survey(survey, SurveyProgress.start(survey, "run-1"))

    @property
    def progress(self) -> SurveyProgress:
        return self.step.progress

    @property
    def open(self) -> str | None:
        return self.progress.question

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.progress.values)

    def says(self, *sentences: str) -> str:
        """The caller says each sentence in turn, and the model hands it over as it is."""
        for sentence in sentences:
            self.hands(sentence, heard=sentence)
        return self.step.reply.say

    def hands(self, words: str, *, heard: str) -> Step:
        """The model hands over ``words`` while ``heard`` is what the caller really said."""
        return self.take(flow.answer(self.survey, self.progress, words=words, heard=heard, today=TODAY))

    def changes(self, request: str, *, heard: str | None = None) -> str:
        said = request if heard is None else heard
        self.take(flow.change(self.survey, self.progress, request=request, heard=said, today=TODAY))
        return self.step.reply.say

    def hands_several(self, answers: str, *, heard: str) -> Step:
        return self.take(flow.answer_several(self.survey, self.progress, answers=answers, heard=heard, today=TODAY))

    def does(self, rule: Callable[..., Step], heard: str | None = None) -> str:
        """The model serves a request; ``heard`` is what the caller said for it."""
        said = _SAID_FOR.get(rule.__name__, "please do") if heard is None else heard
        self.take(rule(self.survey, self.progress, heard=said, today=TODAY))
        return self.step.reply.say

    def repeats(self, words: str) -> str:
        self.take(flow.repeat(self.survey, self.progress, words=words))
        return self.step.reply.say

    def take(self, step: Step) -> Step:
        self.step = step
        self.writes.extend(step.writes)
        return step


@pytest.fixture(scope="session")
def survey() -> Survey:
    return Survey.model_validate(CONTENT)


@pytest.fixture
def talk(survey: Survey) -> Talk:
    """A conversation in which nothing was said yet."""
    return Talk(survey)


@pytest.fixture
def started(talk: Talk) -> Talk:
    """A conversation whose caller has agreed to begin; ``rating`` is open."""
    talk.says("yes")
    return talk


@pytest.fixture
def with_questions() -> Callable[..., Talk]:
    """Begin a conversation over questions of one's own, past the consent."""

    def build(*questions: dict[str, Any]) -> Talk:
        talk = Talk(Survey.model_validate(CONTENT | {"questions": list(questions)}))
        talk.says("yes")
        return talk

    return build
