"""Whole numbers and ratings: "I'd say a seven", "eight out of ten", "ten, no wait, nine"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from nova_agent.capture.choices import Choice, match_one
from nova_agent.capture.digits import SOUND_ALIKES
from nova_agent.capture.numbers import NumberSpan, find_numbers, number_at, year_at
from nova_agent.capture.phrases import CLAUSE_STARTS, word_set
from nova_agent.capture.result import Captured, NotCaptured, Result
from nova_agent.capture.speech import Tokens, corrected, rest_after, tokenise, trim, words_of

_LONE_SOUND_ALIKES: Final = {word: int(digit) for word, digit in SOUND_ALIKES.items()} | {"tan": 10, "then": 10}
_NOTHING: Final = frozenset({"none", "no", "nothing", "nada", "zip", "never"})
_NO_AMOUNT: Final = word_set("idea clue comment thanks thank one way problem need")
_PRONOUN_BEFORE: Final = word_set(
    "this that the no which each every any other another last next good first second third fourth fifth"
)
_INEXACT: Final = word_set("over under almost nearly than least most about around roughly approximately")
_SCALE_OF: Final = (("out", "of"), ("scale", "of"))
_BETWEEN_TWO: Final = frozenset({"or", "to", "and", "between"})


@dataclass(frozen=True, slots=True)
class Range:
    """The whole numbers that are acceptable; None leaves an end open."""

    minimum: int | None = None
    maximum: int | None = None

    def __contains__(self, value: int) -> bool:
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)

    @property
    def hint(self) -> str:
        match self.minimum, self.maximum:
            case None, None:
                return "I need a whole number."
            case None, maximum:
                return f"I need a whole number of at most {maximum}."
            case minimum, None:
                return f"I need a whole number of at least {minimum}."
            case minimum, maximum:
                return f"I need a whole number from {minimum} to {maximum}."


def capture_integer(words: str, bounds: Range) -> Result[int]:
    """Understand a whole number. Years said in pairs and digits said one by one are put together."""
    return _capture(words, bounds, {}, joined=True)


def capture_scale(words: str, bounds: Range, labels: Mapping[str, int]) -> Result[int]:
    """Understand a rating, as a number or as one of the scale's labels."""
    return _capture(words, bounds, labels, joined=False)


def _capture(words: str, bounds: Range, labels: Mapping[str, int], *, joined: bool) -> Result[int]:
    if not trim(tokenise(words)) and not tokenise(words):
        return NotCaptured("empty", bounds.hint)
    return corrected(words, lambda text: _read(text, bounds, labels, joined=joined))


def _read(text: str, bounds: Range, labels: Mapping[str, int], *, joined: bool) -> Result[int]:
    tokens = tokenise(text)
    spans = _spans(text, tokens, bounds, joined=joined)
    if labels and (not spans or all(span.value not in bounds for span in spans)):
        labelled = _read_label(text, labels)
        if labelled is not None:
            return labelled
    if not spans:
        return _read_lone_word(text, tokens, bounds)
    if any(_is_fraction(tokens, span) for span in spans):
        return NotCaptured("not-understood", bounds.hint)
    return _decide(text, tokens, spans, bounds)


def _spans(text: str, tokens: Tokens, bounds: Range, *, joined: bool) -> list[NumberSpan]:
    spans = [
        span for span in find_numbers(tokens) if _is_amount(tokens, span) and not _is_below_line(text, tokens, span)
    ]
    return _joined(tokens, spans, bounds) if joined else spans


def _is_below_line(text: str, tokens: Tokens, span: NumberSpan) -> bool:
    """The ten of "8/10"."""
    return span.start > 0 and text[tokens[span.start - 1].end : tokens[span.start].start].strip() == "/"


def _is_amount(tokens: Tokens, span: NumberSpan) -> bool:
    """Leave out "that one", "the second one", "no one", "not eight", and the ten of "out of ten"."""
    before = words_of(tokens[max(0, span.start - 4) : span.start])
    if span.ordinal or before[-2:] in _SCALE_OF or (before[-4:-2] in _SCALE_OF and before[-1] == "to"):
        return False
    if {"not", "isn't"} & {*before[-1:], *(before[-2:-1] if before[-1:] in (("a",), ("an",)) else ())}:
        return False
    word = tokens[span.start].word
    if word != "one" or span.end > span.start + 1 or not before:
        return True
    return before[-1] not in _PRONOUN_BEFORE and before[-2:-1] != ("the",)


def _joined(tokens: Tokens, spans: list[NumberSpan], bounds: Range) -> list[NumberSpan]:
    """Put "nineteen eighty five" and "two five" together where the result is acceptable."""
    if len(spans) < 2:
        return spans
    year = year_at(tokens, spans[0].start)
    if year is not None and year.end == spans[-1].end and year.value in bounds:
        return [year]
    if any(left.end != right.start for left, right in pairwise(spans)):
        return spans
    if (
        any(not 0 <= span.value <= 9 or tokens[span.end - 1].pause for span in spans[:-1])
        or not 0 <= spans[-1].value <= 9
    ):
        return spans
    whole = int("".join(str(span.value) for span in spans))
    return [NumberSpan(whole, spans[0].start, spans[-1].end)] if whole in bounds else spans


def _is_fraction(tokens: Tokens, span: NumberSpan) -> bool:
    """ "seven and a half", "seven point five", "seven and three quarters"."""
    following = words_of(tokens[span.end : span.end + 3])
    if following[:1] == ("point",):
        return number_at(tokens, span.end + 1) is not None
    return following[:1] == ("half",) or (
        following[:1] == ("and",) and bool({"half", "quarter", "quarters"} & {*following})
    )


def _decide(text: str, tokens: Tokens, spans: list[NumberSpan], bounds: Range) -> Result[int]:
    first = spans[0]
    usable = [span for span in spans if span.value in bounds]
    if not usable:
        return NotCaptured("out-of-range", bounds.hint, heard=str(first.value))
    other = next((span for span in usable if span.value != usable[0].value), None)
    if other is not None and _is_either(tokens, usable[0], other):
        hint = f"I heard {usable[0].value} and {other.value}. Which one is it?"
        return NotCaptured("ambiguous", hint, heard=f"{usable[0].value}, {other.value}")
    chosen = other if other is not None and usable[0].end == other.start else usable[0]
    doubts = _doubts(tokens, first, chosen, other)
    return Captured(chosen.value, str(chosen.value), doubts, rest_after(text, _end_of_answer(tokens, chosen)))


def _is_either(tokens: Tokens, first: NumberSpan, second: NumberSpan) -> bool:
    """ "seven or eight", "between seven and eight", "seven to eight"."""
    between = words_of(tokens[first.end : second.start])
    return (
        0 < len(between) <= 3
        and between[0] in _BETWEEN_TWO
        and (
            between[0] != "and"
            or (first.start > 0 and "between" in words_of(tokens[max(0, first.start - 2) : first.start]))
        )
    )


def _doubts(tokens: Tokens, first: NumberSpan, chosen: NumberSpan, other: NumberSpan | None) -> tuple[str, ...]:
    doubts: list[str] = []
    goes_on = other is not None and CLAUSE_STARTS.isdisjoint(words_of(tokens[chosen.end : other.start]))
    if goes_on or first.value != chosen.value:
        doubts.append("two-numbers")
    if first.start and tokens[first.start - 1].word in _INEXACT:
        doubts.append("approximate")
    return tuple(doubts)


def _end_of_answer(tokens: Tokens, span: NumberSpan) -> int:
    """The position in the text after the number and its "out of ten", "percent" or "stars"."""
    end = span.end
    following = words_of(tokens[end : end + 2])
    if (following == ("out", "of") and (scale := number_at(tokens, end + 2)) is not None) or (
        following[:1] == ("of",) and (scale := number_at(tokens, end + 1)) is not None
    ):
        end = scale.end
    if end < len(tokens) and tokens[end].word in ("percent", "stars", "star", "points", "point"):
        end += 1
    return tokens[end - 1].end


def _read_label(text: str, labels: Mapping[str, int]) -> Result[int] | None:
    choices = tuple(Choice(label, label) for label in labels)
    result = match_one(text, choices)
    if isinstance(result, Captured):
        value = labels[result.value]
        return Captured(value, f"{value}, {result.value}", result.doubts, result.rest)
    return result if result.reason == "ambiguous" else None


def _read_lone_word(text: str, tokens: Tokens, bounds: Range) -> Result[int]:
    """A lone "For." was "four"; a lone "none" is zero where zero is acceptable."""
    trimmed = [word for word in words_of(trim(tokens)) if word != "a"] or list(words_of(tokens))
    if len(trimmed) >= 4 and trimmed[1:3] == ["out", "of"]:
        trimmed = trimmed[:1]
    lone = trimmed[0] if len(trimmed) == 1 else ""
    if trimmed[:1] == ["no"] and 1 < len(trimmed) <= 3 and trimmed[1] not in _NO_AMOUNT and 0 in bounds:
        return Captured(0, "0", ("zero-implied",))
    if lone in _NOTHING and 0 in bounds:
        return Captured(0, "0", () if lone == "none" else ("zero-implied",))
    value = _LONE_SOUND_ALIKES.get(lone)
    if value is not None and value in bounds:
        return Captured(value, str(value), ("sounds-like",))
    return NotCaptured("not-understood", bounds.hint)
