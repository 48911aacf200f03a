"""Number words, both ways: English cardinals, ordinals and spoken years to values, and values to words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nova_agent.capture.speech import Tokens, tokenise

_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_SMALL_ORDINALS: Final = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth",
)  # fmt: skip

UNITS: Final = {word: value for value, word in enumerate(_SMALL[:10])} | {"nought": 0, "naught": 0, "nil": 0}
TEENS: Final = {word: value for value, word in enumerate(_SMALL) if value >= 10}
TENS: Final = {word: 20 + 10 * index for index, word in enumerate(_TENS)} | {"fourty": 40, "ninty": 90}
_ORDINALS: Final = {word: value for value, word in enumerate(_SMALL_ORDINALS)} | {"twelvth": 12}
_ORDINAL_TENS: Final = {word[:-1] + "ieth": value for word, value in TENS.items()}
_SCALES: Final = {"thousand": 1_000, "million": 1_000_000}
_ORDINAL_SCALES: Final = {"hundredth": 100, "thousandth": 1_000, "millionth": 1_000_000}
_CEILING: Final = 1_000_000_000
_LITERAL: Final = re.compile(r"-?[\d,]+")
_LITERAL_ORDINAL: Final = re.compile(r"(\d+)(?:st|nd|rd|th)")
_LONGEST_LITERAL: Final = 15


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """A whole number that was said in ``tokens[start:end]``."""

    value: int
    start: int
    end: int
    ordinal: bool = False


def find_numbers(tokens: Tokens) -> Iterator[NumberSpan]:
    """Yield the whole numbers of an utterance, in order, each as long as it goes."""
    position = 0
    while position < len(tokens):
        span = number_at(tokens, position)
        if span is not None:
            yield span
        position = span.end if span is not None else position + 1


def parse_number(text: str) -> int | None:
    """The value of a text that is one number and nothing else, or None."""
    tokens = tokenise(text)
    span = number_at(tokens, 0) if tokens else None
    return span.value if span is not None and span.end == len(tokens) else None


def number_at(tokens: Tokens, start: int) -> NumberSpan | None:
    """Read the number that begins at ``start``: "a hundred and five", "two dozen", "minus three", "14th"."""
    if _word(tokens, start) in ("minus", "negative"):
        span = number_at(tokens, start + 1) if _word(tokens, start + 1) not in ("minus", "negative") else None
        return NumberSpan(-span.value, start, span.end) if span is not None and not span.ordinal else None
    return _dozens(tokens, start) or _grouped(tokens, start)


def _dozens(tokens: Tokens, start: int) -> NumberSpan | None:
    words = tuple(_word(tokens, start + offset) for offset in range(3))
    if words == ("half", "a", "dozen"):
        return NumberSpan(6, start, start + 3)
    if words[1] != "dozen":
        return None
    count = 1 if words[0] in ("a", "one") else UNITS.get(words[0], 0)
    return NumberSpan(12 * count, start, start + 2) if count else None


def _grouped(tokens: Tokens, start: int) -> NumberSpan | None:
    """Add up the groups of a number: millions, thousands, and what is below a thousand."""
    total, ceiling, position = 0, _CEILING, start
    span: NumberSpan | None = None
    while (group := _below_thousand(tokens, position)) is not None:
        if group.value >= ceiling:
            break
        scale = _SCALES.get(_word(tokens, group.end), 0)
        if group.ordinal or not scale or scale >= ceiling:
            return NumberSpan(total + group.value, start, group.end, group.ordinal)
        total, ceiling = total + group.value * scale, scale
        span = NumberSpan(total, start, group.end + 1)
        if tokens[group.end].pause and _word(tokens, group.end + 1) != "and":
            break
        position = _after_and(tokens, group.end + 1)
    return span


def _below_thousand(tokens: Tokens, start: int) -> NumberSpan | None:
    word = _word(tokens, start)
    if word in ("a", "an", "hundred", "thousand", "million", *_ORDINAL_SCALES):
        return _unit_scale(tokens, start)
    head = _below_hundred(tokens, start)
    if head is None or head.ordinal:
        return head
    following = _word(tokens, head.end)
    if following in _ORDINAL_SCALES:
        return NumberSpan(head.value * _ORDINAL_SCALES[following], start, head.end + 1, ordinal=True)
    return _with_hundreds(tokens, start, head.end, head.value) if following == "hundred" else head


def _unit_scale(tokens: Tokens, start: int) -> NumberSpan | None:
    """ "a hundred", "hundred", "a thousand", "hundredth": the one is left out."""
    article = _word(tokens, start) in ("a", "an")
    position = start + article
    word = _word(tokens, position)
    if word == "hundred":
        return _with_hundreds(tokens, start, position, 1)
    if word in _ORDINAL_SCALES:
        return NumberSpan(_ORDINAL_SCALES[word], start, position + 1, ordinal=True)
    return NumberSpan(1, start, position) if word in _SCALES else None


def _with_hundreds(tokens: Tokens, start: int, hundred: int, count: int) -> NumberSpan:
    """Read on after "hundred" at ``hundred``: "four hundred and twelve"."""
    below = None
    if not tokens[hundred].pause:
        below = _below_hundred(tokens, _after_and(tokens, hundred + 1))
    if below is None or not 0 < below.value < 100:
        return NumberSpan(count * 100, start, hundred + 1)
    return NumberSpan(count * 100 + below.value, start, below.end, below.ordinal)


def _below_hundred(tokens: Tokens, start: int) -> NumberSpan | None:
    word = _word(tokens, start)
    if (value := _literal(word)) is not None:
        return NumberSpan(value, start, start + 1, ordinal=word[-1].isalpha())
    if word in TENS:
        unit, ordinal = _unit_after_tens(tokens, start)
        return NumberSpan(TENS[word] + unit, start, start + 1 + bool(unit), ordinal)
    if (value := UNITS.get(word, TEENS.get(word))) is not None:
        return NumberSpan(value, start, start + 1)
    value = _ORDINALS.get(word, _ORDINAL_TENS.get(word))
    return None if value is None else NumberSpan(value, start, start + 1, ordinal=True)


def _unit_after_tens(tokens: Tokens, tens: int) -> tuple[int, bool]:
    if tokens[tens].pause:
        return 0, False
    word = _word(tokens, tens + 1)
    if unit := UNITS.get(word, 0):
        return unit, False
    ordinal = _ORDINALS.get(word, 0)
    return (ordinal, True) if 0 < ordinal < 10 else (0, False)


def _literal(word: str) -> int | None:
    if len(word) > _LONGEST_LITERAL:
        return None
    if _LITERAL.fullmatch(word):
        return int(word.replace(",", ""))
    ordinal = _LITERAL_ORDINAL.fullmatch(word)
    return int(ordinal.group(1)) if ordinal else None


def _after_and(tokens: Tokens, position: int) -> int:
    return position + (_word(tokens, position) == "and")


def _word(tokens: Tokens, position: int) -> str:
    return tokens[position].word if position < len(tokens) else ""


def year_at(tokens: Tokens, start: int) -> NumberSpan | None:
    """Read a year as people say it: "nineteen eighty five", "twenty oh six", "nineteen hundred", "2026".

    The value is 1000 to 2999; a two-digit year is for the caller of this function to interpret.
    """
    whole = number_at(tokens, start)
    if whole is not None and not whole.ordinal and 1000 <= whole.value <= 2999:
        return whole
    century = _below_hundred(tokens, start)
    if century is None or century.ordinal or not 10 <= century.value <= 29:
        return None
    if _word(tokens, century.end) == "hundred":
        return NumberSpan(century.value * 100, start, century.end + 1)
    if _word(tokens, century.end) in ("oh", "o"):
        unit = _below_hundred(tokens, century.end + 1)
        return _year(century, unit) if unit is not None and 0 < unit.value < 10 else None
    decade = _below_hundred(tokens, century.end)
    return _year(century, decade) if decade is not None and 10 <= decade.value <= 99 else None


def _year(century: NumberSpan, rest: NumberSpan) -> NumberSpan | None:
    return None if rest.ordinal else NumberSpan(century.value * 100 + rest.value, century.start, rest.end)


def spell_number(value: int) -> str:
    """Say a whole number in words: 1205 is "one thousand two hundred five". Below a billion in size."""
    if value < 0:
        return f"minus {spell_number(-value)}"
    if value < 20:
        return _SMALL[value]
    if value < 100:
        unit = value % 10
        return _TENS[value // 10 - 2] + (f" {_SMALL[unit]}" if unit else "")
    name, scale = next((name, scale) for name, scale in _SPOKEN_SCALES if value >= scale)
    below = value % scale
    return f"{spell_number(value // scale)} {name}" + (f" {spell_number(below)}" if below else "")


_SPOKEN_SCALES: Final = (("million", 1_000_000), ("thousand", 1_000), ("hundred", 100))


def ordinal_figure(value: int) -> str:
    """Write 14 as "14th"."""
    suffix = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{suffix}"
