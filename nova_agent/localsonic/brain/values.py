"""Judges whether an utterance plausibly holds a value of the kind a directive's schema asks for.

It never parses the value: the words go to the client's tool as they were heard, and its code decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from rapidfuzz import fuzz

from nova_agent.localsonic.brain.vocabulary import (
    DATE_WORDS,
    DIGIT_WORDS,
    FILLERS,
    HEARD_NUMBERS,
    MONTHS,
    NO,
    NOT_COUNTED,
    NUMBERS,
    ORDINALS,
    YES,
)
from nova_agent.localsonic.brain.words import Utterance, coarse_sound, stem, tokens_of


class Kind(StrEnum):
    """What is being asked for."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    PHONE = "phone"
    EMAIL = "email"
    OPEN = "open"


LABEL_RATIO: Final = 85
PHONE_DIGITS: Final = 3
SPELLED_LETTERS: Final = 3

_YES_PHRASES: Final = re.compile(
    r"\b(i (do|did|would|will|am|can|have|was|could)|we (do|did|would|will|are)|go ahead|sounds good|"
    r"that works|please do|uh huh|mm hmm|it (is|does|did|was)|why not|do it|i guess so|i think so|that is it)\b"
)
_EMAIL: Final = re.compile(
    r"@|\bat\b.*\b(dot|com|org|net|edu|gov|uk|de|gmail|hotmail|outlook|yahoo|icloud|mail)\b|\bdot (com|org|net)\b"
)
_HEDGE: Final = re.compile(
    r"\b(do not (really )?know|do not remember|can not remember|can not recall|do not recall|no idea|not sure|unsure|"
    r"hard to say|depends|no preference|no opinion|does not matter|do not mind|do not care|whatever|do not have|"
    r"have not got|there is no|neither|not applicable|nothing|none|never had|both|either|(any|all|none) of them)\b"
)
_NUMBERED: Final = re.compile(r"\b(option|number|answer|choice|letter) ([a-h]|\d|one|two|three|four|five|six|seven)\b")
_DIGIT: Final = re.compile(r"\d")


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """Which kind of value ``schema`` describes; what it does not tell is open text."""
    if labels(schema):
        return Kind.CHOICE
    by_type = {"boolean": Kind.BOOLEAN, "integer": Kind.NUMBER, "number": Kind.NUMBER}
    by_format = {"date": Kind.DATE, "time": Kind.DATE, "date-time": Kind.DATE, "phone": Kind.PHONE, "email": Kind.EMAIL}
    kind, form = schema.get("type"), schema.get("format")
    found = by_type.get(kind) if isinstance(kind, str) else None
    return found or (by_format.get(form, Kind.OPEN) if isinstance(form, str) else Kind.OPEN)


def labels(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Enum values and their ``x-aliases``, of the schema itself or of an array's items."""
    items = schema.get("items")
    inner = items if schema.get("type") == "array" and isinstance(items, Mapping) else schema
    values = inner.get("enum")
    named = [str(value) for value in values] if isinstance(values, list) else []
    for source in (inner, schema) if inner is not schema else (inner,):
        aliases = source.get("x-aliases")
        for spoken in aliases.values() if isinstance(aliases, Mapping) else ():
            named += [str(alias) for alias in spoken] if isinstance(spoken, list) else [str(spoken)]
    return tuple(dict.fromkeys(named))


def holds_value(schema: Mapping[str, Any], utterance: Utterance) -> bool:
    """Whether ``utterance`` plausibly holds a value that ``schema`` asks for; open text always does."""
    return _TESTS[kind_of(schema)](schema, utterance)


def is_hedge(utterance: Utterance) -> bool:
    """No value, yet an answer for the client to judge: "I don't know", "it depends", "I don't have one"."""
    return bool(_HEDGE.search(" ".join(utterance.tokens)))


def is_label(schema: Mapping[str, Any], utterance: Utterance) -> bool:
    """The utterance is one of the choices, word for word: then it is the answer, even if it reads like a wish."""
    heard = [stem(word) for word in utterance.tokens if word not in FILLERS]
    said = [stem(word) for word in utterance.tokens]
    return any([stem(word) for word in tokens_of(label)] in (heard, said) for label in labels(schema))


def names_day(utterance: Utterance) -> bool:
    """A word of the calendar was said; mere numbers and ordinals do not count."""
    return any(word in DATE_WORDS for word in utterance.tokens)


def is_part_of_label(schema: Mapping[str, Any], utterance: Utterance, phrase: str) -> bool:
    """``phrase`` belongs to a choice that was named in full: "person" in "In person, I think"."""
    words, named = set(phrase.split()), set(utterance.tokens)
    return any(words <= label <= named for label in (set(tokens_of(text)) for text in labels(schema)))


def _holds_yes_or_no(utterance: Utterance) -> bool:
    words = utterance.tokens
    return any(word in YES or word in NO for word in words) or bool(_YES_PHRASES.search(" ".join(words)))


def _holds_email(utterance: Utterance) -> bool:
    """An address, spoken or written, or one that is being spelled."""
    words = utterance.tokens
    return bool(_EMAIL.search(" ".join(words))) or sum(len(word) == 1 for word in words) >= SPELLED_LETTERS


def _holds_number(utterance: Utterance) -> bool:
    words = utterance.tokens
    if len(words) == 1 and words[0] not in FILLERS and any(_sounds_alike(words[0], number) for number in NUMBERS):
        return True
    if utterance.is_short and any(w in HEARD_NUMBERS for w in words):
        return all(word in HEARD_NUMBERS or word in FILLERS for word in words) or _counts(words)
    return _counts(words)


def _counts(words: tuple[str, ...]) -> bool:
    """Digits or a number word; "that one" and "no one" count nothing."""
    for before, word in zip(("", *words), words, strict=False):
        if _DIGIT.search(word) or (word in NUMBERS and not (word == "one" and before in NOT_COUNTED)):
            return True
    return False


def _digits(words: tuple[str, ...]) -> int:
    spoken = sum(1 for word in words if word in DIGIT_WORDS or word in NUMBERS)
    return spoken + sum(len(_DIGIT.findall(word)) for word in words)


def _holds_date(utterance: Utterance) -> bool:
    words = utterance.tokens
    if _counts(words) or any(word in DATE_WORDS or word in ORDINALS for word in words):
        return True
    return words == ("may",) or any(
        len(w) > 5 and fuzz.ratio(w, month) >= LABEL_RATIO for w in words for month in MONTHS
    )


def _holds_label(schema: Mapping[str, Any], utterance: Utterance) -> bool:
    choices = labels(schema)
    if any(_resembles(tokens_of(label), utterance) for label in choices):
        return True
    ordinal = any(word in ORDINALS for word in utterance.tokens) and not utterance.is_question
    numbered = _NUMBERED.search(" ".join(utterance.tokens))
    return ordinal or bool(numbered) or (_all_numeric(choices) and _holds_number(utterance))


def _all_numeric(choices: tuple[str, ...]) -> bool:
    return any(choice.strip().isdigit() for choice in choices)


def _resembles(label: tuple[str, ...], utterance: Utterance) -> bool:
    """The label, letter for letter, by stems, nearly, or by sound when little was said."""
    if not label:
        return False
    wanted = " ".join(label)
    for window in _windows(utterance.tokens, len(label)):
        heard = " ".join(window)
        if [stem(word) for word in window] == [stem(word) for word in label]:
            return True
        if min(len(heard), len(wanted)) >= 4 and fuzz.ratio(heard, wanted) >= LABEL_RATIO:
            return True
        if utterance.is_short and all(map(_sounds_alike, window, label)):
            return True
    return _holds_all_content(label, utterance)


def _sounds_alike(heard: str, wanted: str) -> bool:
    """Codes of one consonant say too little: "two" is T, and so are "toy" and "day"."""
    code = coarse_sound(heard)
    return len(code) >= 2 and code == coarse_sound(wanted)


def _holds_all_content(label: tuple[str, ...], utterance: Utterance) -> bool:
    """Every weighty word of a longer label, in any order."""
    wanted = {stem(word) for word in label if len(word) > 3}
    return len(label) > 1 and bool(wanted) and wanted <= {stem(word) for word in utterance.tokens}


def _windows(words: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(len(words) - size + 1):
        yield words[start : start + size]


_TESTS: Final[Mapping[Kind, Callable[[Mapping[str, Any], Utterance], bool]]] = {
    Kind.BOOLEAN: lambda _schema, utterance: _holds_yes_or_no(utterance),
    Kind.NUMBER: lambda _schema, utterance: _holds_number(utterance),
    Kind.CHOICE: _holds_label,
    Kind.DATE: lambda _schema, utterance: _holds_date(utterance),
    Kind.PHONE: lambda _schema, utterance: _digits(utterance.tokens) >= PHONE_DIGITS,
    Kind.EMAIL: lambda _schema, utterance: _holds_email(utterance),
    Kind.OPEN: lambda _schema, _utterance: True,
}
