"""What a caller can be asked for. Each kind knows its JSON Schema and how to understand the caller's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from nova_agent.capture.calendar_words import Calendar, Prefer
from nova_agent.capture.choices import Choice, Choices, capture_choice, capture_choices
from nova_agent.capture.dates import capture_date, month_is_first
from nova_agent.capture.emails import capture_email
from nova_agent.capture.integers import Range, capture_integer, capture_scale
from nova_agent.capture.opentext import capture_text
from nova_agent.capture.phones import capture_phone
from nova_agent.capture.result import Result
from nova_agent.capture.yesno import capture_yes_no

type Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class YesNo:
    """Yes or no."""

    def json_schema(self) -> Schema:
        return {"type": "boolean"}

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[bool]:
        return capture_yes_no(words)


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number; None leaves an end open."""

    minimum: int | None = None
    maximum: int | None = None

    def json_schema(self) -> Schema:
        return _integer_schema(self.minimum, self.maximum)

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[int]:
        return capture_integer(words, Range(self.minimum, self.maximum))


@dataclass(frozen=True, slots=True)
class Scale:
    """A rating. ``labels`` name points of the scale: ``{"very unhappy": 1, "very happy": 5}``."""

    minimum: int
    maximum: int
    labels: Mapping[str, int] | tuple[()] = field(default=(), hash=False)

    def json_schema(self) -> Schema:
        return _integer_schema(self.minimum, self.maximum)

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[int]:
        return capture_scale(words, Range(self.minimum, self.maximum), dict(self.labels))


@dataclass(frozen=True, slots=True)
class SingleChoice:
    """Exactly one of the choices."""

    choices: Choices

    def json_schema(self) -> Schema:
        return {
            "type": "string",
            "enum": [choice.value for choice in self.choices],
            "x-aliases": _aliases(self.choices),
        }

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[str]:
        return capture_choice(words, self.choices)


@dataclass(frozen=True, slots=True)
class MultipleChoice:
    """From ``minimum`` to ``maximum`` of the choices; None is all of them."""

    choices: Choices
    minimum: int = 1
    maximum: int | None = None

    def json_schema(self) -> Schema:
        schema: Schema = {
            "type": "array",
            "items": {"type": "string", "enum": [choice.value for choice in self.choices]},
            "x-aliases": _aliases(self.choices),
            "minItems": self.minimum,
        }
        return schema if self.maximum is None else schema | {"maxItems": self.maximum}

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[tuple[str, ...]]:
        return capture_choices(words, self.choices, self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class Date:
    """A day. ``prefer`` decides what a date without a year, or a bare weekday, means: birthdays look back."""

    earliest: date | None = None
    latest: date | None = None
    prefer: Prefer = "past"

    def json_schema(self) -> Schema:
        return {"type": "string", "format": "date"}

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[date]:
        calendar = Calendar(today, self.prefer, month_is_first(region), self.earliest, self.latest)
        return capture_date(words, calendar)


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number, in E.164."""

    def json_schema(self) -> Schema:
        return {"type": "string", "format": "phone"}

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[str]:
        return capture_phone(words, region)


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address, in lower case."""

    def json_schema(self) -> Schema:
        return {"type": "string", "format": "email"}

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[str]:
        return capture_email(words)


@dataclass(frozen=True, slots=True)
class OpenText:
    """The caller's own words, up to ``max_length`` characters."""

    max_length: int = 1000

    def json_schema(self) -> Schema:
        return {"type": "string", "maxLength": self.max_length}

    def capture(self, words: str, *, today: date, region: str = "US") -> Result[str]:
        return capture_text(words, self.max_length)


type Kind = YesNo | Integer | Scale | SingleChoice | MultipleChoice | Date | Phone | Email | OpenText


def _integer_schema(minimum: int | None, maximum: int | None) -> Schema:
    limits = {"minimum": minimum, "maximum": maximum}
    return {"type": "integer"} | {name: limit for name, limit in limits.items() if limit is not None}


def _aliases(choices: Choices) -> dict[str, list[str]]:
    return {choice.value: [choice.label, *choice.aliases] for choice in choices}


__all__ = [
    "Choice",
    "Date",
    "Email",
    "Integer",
    "Kind",
    "MultipleChoice",
    "OpenText",
    "Phone",
    "Scale",
    "SingleChoice",
    "YesNo",
]
