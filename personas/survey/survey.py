"""What a survey is: the shape of its YAML file, and the few facts that follow from a question's kind.

Cross-field rules (unknown ids, limits the wrong way round) are in ``checks.py``; reading files is in ``loading.py``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from personas.survey.conditions import Condition, compile_condition

QuestionKind = Literal[
    "yes_no", "integer", "scale", "single_choice", "multiple_choice", "date", "phone", "email", "open_text"
]
Confirm = Literal["never", "doubtful", "always"]

CHOICE_KINDS: Final = frozenset({"single_choice", "multiple_choice"})
PERSONAL_KINDS: Final = frozenset({"phone", "email"})
"""Kinds that are personal data, and read back before they are kept, unless the file says otherwise."""

KIND_FIELDS: Final[dict[str, frozenset[str]]] = {
    "yes_no": frozenset(),
    "integer": frozenset({"minimum", "maximum"}),
    "scale": frozenset({"minimum", "maximum", "labels"}),
    "single_choice": frozenset({"choices", "read_choices"}),
    "multiple_choice": frozenset({"choices", "read_choices", "minimum", "maximum"}),
    "date": frozenset({"earliest", "latest", "prefer"}),
    "phone": frozenset(),
    "email": frozenset(),
    "open_text": frozenset({"max_length"}),
}
"""The fields that belong to one kind only; any other field suits every kind."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def _as_choice(raw: Any) -> Any:
    return {"value": raw, "label": raw} if isinstance(raw, str) else raw


def _as_text_date(raw: Any) -> Any:
    """YAML reads an unquoted 2026-01-31 as a date; the field takes it as text."""
    return raw.isoformat() if isinstance(raw, date) else raw


DateLimit = Annotated[str, BeforeValidator(_as_text_date), StringConstraints(pattern=r"^(today|\d{4}-\d{2}-\d{2})$")]


class Content(BaseModel):
    """Base of everything read from a survey file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ChoiceItem(Content):
    """One choice: ``value`` is stored, ``label`` is spoken, ``aliases`` are understood too."""

    value: Text
    label: Text
    aliases: list[Text] = []

    @model_validator(mode="before")
    @classmethod
    def _label_is_value(cls, raw: Any) -> Any:
        return {"label": raw["value"], **raw} if isinstance(raw, dict) and "value" in raw else raw


class Messages(Content):
    """What to say instead of the built-in hint when an answer could not be taken."""

    empty: Text | None = None
    not_understood: Text | None = None
    out_of_range: Text | None = None
    ambiguous: Text | None = None
    incomplete: Text | None = None
    too_long: Text | None = None
    too_many: Text | None = None
    too_few: Text | None = None

    def for_reason(self, reason: str) -> str | None:
        """The text for a reason of ``NotCaptured`` such as ``out-of-range``; ``None`` when the file has none."""
        text: str | None = getattr(self, reason.replace("-", "_"), None)
        return text


class Question(Content):
    """One question. ``ask`` is what the caller hears; ``topic`` is how the caller may call it later."""

    id: Identifier
    kind: QuestionKind
    ask: Text
    topic: Text | None = None
    help: Text | None = None
    required: bool = True
    confirm: Confirm = "doubtful"
    pii: bool = False
    when: Text | None = None
    messages: Messages = Messages()
    read_choices: bool = False
    choices: list[Annotated[ChoiceItem, BeforeValidator(_as_choice)]] = []
    minimum: int | None = None
    maximum: int | None = None
    labels: dict[int, Text] = {}
    earliest: DateLimit | None = None
    latest: DateLimit | None = None
    prefer: Literal["past", "future"] | None = None
    max_length: Annotated[int, Field(ge=1, le=10_000)] = 1000

    @model_validator(mode="before")
    @classmethod
    def _personal_by_kind(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and raw.get("kind") in PERSONAL_KINDS:
            return {"confirm": "always", "pii": True, **raw}
        return raw

    @property
    def condition(self) -> Condition | None:
        """The compiled ``when``; ``None`` for a question that is always asked."""
        return compile_condition(self.when) if self.when else None


class Consent(Content):
    """The question that must be answered with yes before anything else is asked."""

    ask: Text
    declined: Text


class Intro(Content):
    text: Text
    consent: Consent | None = None


class Outro(Content):
    text: Text


class Survey(Content):
    """A questionnaire. ``region`` (ISO 3166 alpha-2) decides how local phone numbers are read."""

    id: str
    title: Text
    version: Text = "1"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en-US"
    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "US"
    intro: Intro
    outro: Outro
    questions: Annotated[list[Question], Field(min_length=1)]

    def question(self, question_id: str) -> Question:
        """The question of that id; a ``KeyError`` means that the caller of this function mixed up two surveys."""
        return self.questions[self.position(question_id) - 1]

    def position(self, question_id: str) -> int:
        """Where the question stands in the file, counted from 1."""
        for position, question in enumerate(self.questions, start=1):
            if question.id == question_id:
                return position
        raise KeyError(question_id)

    def has(self, question_id: str | None) -> bool:
        return any(question.id == question_id for question in self.questions)
