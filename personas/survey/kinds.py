"""From a question to the kind of answer that ``capture`` looks for, and from a captured value to JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from pydantic import JsonValue

from nova_agent.capture import (
    Choice,
    Date,
    Email,
    Integer,
    Kind,
    MultipleChoice,
    OpenText,
    Phone,
    Scale,
    SingleChoice,
    YesNo,
)
from personas.survey.survey import Question


def capture_kind(question: Question, today: date | None = None) -> Kind:
    """The kind to capture an answer with. Without ``today`` a limit that is "today" is left open."""
    return _BUILDERS[question.kind](question, today)


def json_value(value: Any) -> JsonValue:
    """A captured value as JSON: dates as ISO 8601, several choices as a list."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list | set | frozenset):
        return [json_value(item) for item in value]
    plain: JsonValue = value
    return plain


def _choices(question: Question) -> tuple[Choice, ...]:
    return tuple(Choice(item.value, item.label, tuple(item.aliases)) for item in question.choices)


def _fewest(question: Question) -> int:
    return 1 if question.minimum is None else question.minimum


def _scale(question: Question, _today: date | None) -> Kind:
    labels = {label: number for number, label in question.labels.items()}
    return Scale(question.minimum or 0, 10 if question.maximum is None else question.maximum, labels)


def _date(question: Question, today: date | None) -> Kind:
    return Date(_limit(question.earliest, today), _limit(question.latest, today), question.prefer or "past")


def _limit(limit: str | None, today: date | None) -> date | None:
    if limit is None:
        return None
    return today if limit == "today" else date.fromisoformat(limit)


_BUILDERS: Final[dict[str, Callable[[Question, date | None], Kind]]] = {
    "yes_no": lambda _question, _today: YesNo(),
    "integer": lambda question, _today: Integer(question.minimum, question.maximum),
    "scale": _scale,
    "single_choice": lambda question, _today: SingleChoice(_choices(question)),
    "multiple_choice": lambda question, _today: MultipleChoice(_choices(question), _fewest(question), question.maximum),
    "date": _date,
    "phone": lambda _question, _today: Phone(),
    "email": lambda _question, _today: Email(),
    "open_text": lambda question, _today: OpenText(question.max_length),
}
