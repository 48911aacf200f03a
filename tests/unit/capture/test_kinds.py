"""The kinds' JSON Schemas, open text, and properties that hold for every kind."""

from datetime import date
from typing import Any

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nova_agent.capture import (
    Captured,
    Choice,
    Date,
    Email,
    Integer,
    Kind,
    MultipleChoice,
    NotCaptured,
    OpenText,
    Phone,
    Scale,
    SingleChoice,
    YesNo,
)
from nova_agent.capture.numbers import spell_number

TODAY = date(2026, 11, 18)
CHOICES = (Choice("a", "Apple", ("apples",)), Choice("b", "Banana"))
ALIASES = {"a": ["Apple", "apples"], "b": ["Banana"]}
KINDS: tuple[Kind, ...] = (
    YesNo(),
    Integer(0, 2000),
    Scale(0, 10, {"bad": 0, "good": 10}),
    SingleChoice(CHOICES),
    MultipleChoice(CHOICES),
    Date(),
    Date(prefer="future"),
    Phone(),
    Email(),
    OpenText(),
)


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (YesNo(), {"type": "boolean"}),
        (Integer(), {"type": "integer"}),
        (Integer(minimum=1), {"type": "integer", "minimum": 1}),
        (Integer(maximum=0), {"type": "integer", "maximum": 0}),
        (Scale(0, 10), {"type": "integer", "minimum": 0, "maximum": 10}),
        (SingleChoice(CHOICES), {"type": "string", "enum": ["a", "b"], "x-aliases": ALIASES}),
        (
            MultipleChoice(CHOICES),
            {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "x-aliases": ALIASES, "minItems": 1},
        ),
        (
            MultipleChoice(CHOICES, minimum=0, maximum=1),
            {
                "type": "array",
                "items": {"type": "string", "enum": ["a", "b"]},
                "x-aliases": ALIASES,
                "minItems": 0,
                "maxItems": 1,
            },
        ),
        (Date(), {"type": "string", "format": "date"}),
        (Phone(), {"type": "string", "format": "phone"}),
        (Email(), {"type": "string", "format": "email"}),
        (OpenText(), {"type": "string", "maxLength": 1000}),
    ],
)
def test_the_schema_of_a_kind(kind: Kind, schema: dict[str, Any]) -> None:
    assert kind.json_schema() == schema


def test_kinds_are_values() -> None:
    assert Scale(0, 10, {"bad": 0}) == Scale(0, 10, {"bad": 0})
    assert len({Scale(0, 10, {"bad": 0}), Scale(0, 10, {"bad": 0}), SingleChoice(CHOICES)}) == 2


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Um, the food was great, uh.", "the food was great,"),
        ("The waiters were kind.", "The waiters were kind."),
        ("  Too   loud ", "Too loud"),
        ("Well, I liked it.", "I liked it."),
        ("no", "no"),
    ],
)
def test_open_text_keeps_the_wording(words: str, value: str) -> None:
    result = OpenText().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value.rstrip(","), result.rest) == (value.rstrip(","), "")


def test_long_open_text_is_read_back_short() -> None:
    result = OpenText().capture(" ".join(f"word{n}" for n in range(20)), today=TODAY)
    assert isinstance(result, Captured)
    assert result.read_back.endswith("word11…")


def test_open_text_beyond_the_limit_is_too_long() -> None:
    result = OpenText(max_length=10).capture("far more than ten characters", today=TODAY)
    assert isinstance(result, NotCaptured)
    assert result.reason == "too-long"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize("words", ["", "  ", "...", "\n"])
def test_nothing_said_is_empty(kind: Kind, words: str) -> None:
    result = kind.capture(words, today=TODAY)
    assert isinstance(result, NotCaptured)
    assert result.reason == "empty"


SPOKEN = st.lists(
    st.sampled_from(
        [
            "no",
            "wait",
            "um",
            "eight",
            "ten",
            "march",
            "fourteenth",
            "nineteen",
            "eighty",
            "five",
            "at",
            "dot",
            "com",
            "j",
            "o",
            "h",
            "n",
            "double",
            "for",
            "to",
            "one",
            "next",
            "tuesday",
            "week",
            "in",
            "ago",
            "the",
            "not",
            "and",
            "or",
            "all",
            "none",
            "second",
            "14th",
            "3/4/85",
            "+1",
            "415",
            "hundred",
            "million",
            "minus",
            "of",
            "out",
            "actually",
            "yes",
            "apple",
            "last",
            "month",
            "february",
            "30",
            "may",
            "2026",
            "0",
            "@",
            ".",
            ",",
            "extension",
            "plus",
            "a",
            "b",
            "as",
            "option",
            "99999999999999999999",
            "½",
            "²",
            "٣",
        ]
    ),
    max_size=12,
).map(" ".join)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@settings(max_examples=150, deadline=None)
@given(words=st.one_of(st.text(max_size=60), SPOKEN))
def test_no_words_raise(kind: Kind, words: str) -> None:
    result = kind.capture(words, today=TODAY)
    assert result.read_back or result.value == "" if isinstance(result, Captured) else result.hint


@pytest.mark.parametrize("today", [date.min, date.max, date(2024, 2, 29)])
@settings(max_examples=60, deadline=None)
@given(words=SPOKEN)
def test_no_date_raises_at_the_ends_of_the_calendar(today: date, words: str) -> None:
    result = Date(prefer="future").capture(words, today=today)
    assert isinstance(result, Captured | NotCaptured)


@given(st.integers(min_value=0, max_value=2000))
def test_a_number_said_in_words_is_captured(value: int) -> None:
    result = Integer(0, 2000).capture(f"I'd say {spell_number(value)}.", today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == value


@settings(deadline=None)
@given(st.sampled_from(["US", "GB", "DE", "FR", "AU", "IN", "BR"]))
def test_a_telephone_number_in_e164_comes_back(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    result = Phone().capture(e164, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == e164


@settings(max_examples=50, deadline=None)
@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_a_date_read_back_is_the_same_date(day: date) -> None:
    first = Date().capture(day.isoformat(), today=TODAY)
    assert isinstance(first, Captured)
    assert Date().capture(first.read_back, today=TODAY) == first
