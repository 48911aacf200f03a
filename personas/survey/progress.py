"""Where one caller stands in one survey: immutable, and JSON in both directions so that a dropped call can resume."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, JsonValue

from personas.survey.survey import Survey

Phase = Literal["consent", "asking", "confirming", "choosing", "finished"]
"""``choosing``: the caller wants to change an answer and is being asked which one."""

Outcome = Literal["completed", "stopped", "paused", "declined"]

CONSENT: Final = "consent"


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(_Kept):
    """One question dealt with: a value in the caller's ``words``, or ``skipped`` and no value."""

    value: JsonValue = None
    words: str = ""
    read_back: str = ""
    skipped: bool = False


class Pending(_Kept):
    """A value that waits for the caller's yes; nothing of it is written before."""

    value: JsonValue
    words: str
    read_back: str


class SurveyProgress(_Kept):
    """The whole state of a run. Replaced, never changed in place.

    ``question`` is the open one (``None`` while consent is asked and after the end), ``ask_number`` counts
    directives, ``attempts`` and ``refusals`` count what failed since this question was opened, ``trail`` is
    the order in which questions were first dealt with.
    """

    survey_id: str
    run_id: str
    phase: Phase
    question: str | None = None
    ask_number: int = 0
    answers: dict[str, Answer] = {}
    pending: Pending | None = None
    attempts: int = 0
    refusals: int = 0
    trail: tuple[str, ...] = ()
    outcome: Outcome | None = None

    @classmethod
    def start(cls, survey: Survey, run_id: str) -> Self:
        """A run that nobody has been asked anything in; hand it to ``open_survey``."""
        return cls(survey_id=survey.id, run_id=run_id, phase="consent")

    @property
    def label(self) -> str:
        """The name of the open ask. It stands in every tool call that may change something."""
        return f"{self.question or CONSENT}:{self.ask_number}"

    @property
    def values(self) -> dict[str, JsonValue]:
        """What was answered, by question id, without what was skipped."""
        return {question_id: answer.value for question_id, answer in self.answers.items() if not answer.skipped}

    def answered(self, question_id: str | None) -> Answer | None:
        """The caller's answer to a question; ``None`` when it is open or was skipped."""
        answer = self.answers.get(question_id or "")
        return None if answer is None or answer.skipped else answer

    def having(self, **changes: Any) -> Self:
        """The same progress with some fields replaced."""
        return self.model_copy(update=changes)

    def asked(self) -> Self:
        """The same progress one directive later, with a label of its own."""
        return self.model_copy(update={"ask_number": self.ask_number + 1})

    def to_json(self) -> dict[str, JsonValue]:
        kept: dict[str, JsonValue] = self.model_dump(mode="json")
        return kept

    @classmethod
    def from_json(cls, kept: dict[str, JsonValue]) -> Self:
        return cls.model_validate(kept)
