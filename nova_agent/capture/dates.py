"""Dates: what was said becomes a day, checked against limits, and is read back in full."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from itertools import pairwise
from typing import Final

from nova_agent.capture.calendar_words import MONTHS, WEEKDAYS, Calendar
from nova_agent.capture.date_named import DateSpan, month_and_day, no_such_day, on_day
from nova_agent.capture.date_phrases import find_dates
from nova_agent.capture.numbers import ordinal_figure, year_at
from nova_agent.capture.result import Captured, NotCaptured, Result
from nova_agent.capture.speech import Tokens, core, corrected, rest_after, tokenise, words_of

_ISO: Final = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC: Final = re.compile(r"(?<!\d)(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?!\d)")
_MONTH_FIRST_REGIONS: Final = frozenset({"US", "PH", "PR", "GU", "FM", "MH", "PW", "AS", "MP", "VI"})
_LONGEST_FOR_LIBRARY: Final = 60


def month_is_first(region: str) -> bool:
    """Whether people in a region write 3/4 for March 4th."""
    return region.upper() in _MONTH_FIRST_REGIONS


def capture_date(words: str, calendar: Calendar) -> Result[date]:
    """Understand one date."""
    if not tokenise(words):
        return NotCaptured("empty", _hint(calendar))
    return corrected(words, lambda text: _read(text, calendar))


def _read(text: str, calendar: Calendar) -> Result[date]:
    written = _written(text, calendar)
    if written is not None:
        return written
    tokens = tokenise(text)
    spans = list(find_dates(tokens, calendar))
    if not spans:
        return _by_library(text, tokens, calendar) or _unfinished(tokens, calendar)
    span, doubts = _preferred(spans)
    if span.value is None:
        return NotCaptured("not-understood", f"{span.problem} {_hint(calendar)}".strip())
    named = list(dict.fromkeys(say_date(each.value, weekday=True) for each in spans if each.value is not None))
    if len(named) > 1 and "or" in words_of(tokens[spans[0].end : spans[1].start]):
        return NotCaptured("ambiguous", f"I heard {named[0]} and {named[1]}. Which one is it?", "; ".join(named))
    end = tokens[max(each.end for each in spans if each.value == span.value or each is span) - 1].end
    return _checked(span.value, calendar, (*span.doubts, *doubts), rest_after(text, end), relative=span.relative)


def _preferred(spans: list[DateSpan]) -> tuple[DateSpan, tuple[str, ...]]:
    """The first date; but in "Tuesday the 14th" the date counts, and a weekday that does not fit is a doubt."""
    first = spans[0]
    if len(spans) > 1 and first.relative and spans[1].start == first.end:
        second = spans[1]
        fits = first.value is None or second.value is None or first.value.weekday() == second.value.weekday()
        return second, () if fits else ("weekday-mismatch",)
    return first, ("two-dates",) if len(spans) > 1 and spans[1].value != first.value else ()


def _written(text: str, calendar: Calendar) -> Result[date] | None:
    """A date in figures: "2024-03-14", "3/14/1985", "14.3.85"."""
    if (iso := _ISO.search(text)) is not None:
        year, month, day = map(int, iso.groups())
        return _from_figures(text, iso.end(), year, month, day, (), calendar)
    if (numeric := _NUMERIC.search(text)) is not None:
        first, second, year = map(int, numeric.groups())
        month, day, doubts = month_and_day(first, second, month_first=calendar.month_first)
        return _from_figures(text, numeric.end(), year, month, day, doubts, calendar)
    return None


def _from_figures(
    text: str, end: int, year: int, month: int, day: int, doubts: tuple[str, ...], calendar: Calendar
) -> Result[date]:
    if not 1 <= month <= 12:
        return NotCaptured("not-understood", f"There is no month {month}. {_hint(calendar)}")
    value, _ = on_day(year, month, day, calendar)
    if value is None:
        return NotCaptured("not-understood", f"{no_such_day(month, day, year)} {_hint(calendar)}")
    return _checked(value, calendar, doubts, rest_after(text, end))


def _checked(
    value: date, calendar: Calendar, doubts: tuple[str, ...], rest: str = "", *, relative: bool = False
) -> Result[date]:
    spoken = say_date(value, weekday=relative or calendar.prefer == "future")
    if not calendar.allows(value):
        return NotCaptured("out-of-range", _hint(calendar), heard=spoken)
    return Captured(value, spoken, tuple(dict.fromkeys(doubts)), rest)


def say_date(value: date, *, weekday: bool = False) -> str:
    """Say a date: "March 14th, 1985", or "Tuesday, March 17th, 2026" with its weekday."""
    spoken = f"{value:%B} {ordinal_figure(value.day)}, {value.year}"
    return f"{value:%A}, {spoken}" if weekday else spoken


def _unfinished(tokens: Tokens, calendar: Calendar) -> NotCaptured:
    """A month, a year or "next week" alone is a date with something missing."""
    words = words_of(tokens)
    month = next((word for word in words if word in MONTHS and word not in ("may", "march", "mar")), "")
    lone = next((word for word in words if word in MONTHS), "") if len(words) <= 3 else ""
    pairs = set(pairwise(words))
    week = next(
        (
            unit
            for unit in ("week", "month", "year", "weekend")
            if {("next", unit), ("this", unit), ("last", unit)} & pairs
        ),
        "",
    )
    if month or lone:
        return NotCaptured("incomplete", f"I need the day as well, for instance {(month or lone).capitalize()} 14th.")
    if week:
        return NotCaptured("incomplete", "Which day exactly?")
    if any(year_at(tokens, position) is not None for position in range(len(tokens))):
        return NotCaptured("incomplete", "I need the month and the day as well.")
    return NotCaptured("not-understood", _hint(calendar))


def _by_library(text: str, tokens: Tokens, calendar: Calendar) -> Result[date] | None:
    """Ask dateparser about notations that the rules do not know, such as "14mar1985"."""
    if not any(_looks_like_date(token.word) for token in tokens):
        return None
    words = core(text)
    if not words or len(words) > _LONGEST_FOR_LIBRARY:
        return None
    value = _parse_with_library(words, calendar)
    return None if value is None else _checked(value, calendar, ("parsed-loosely",))


def _looks_like_date(word: str) -> bool:
    return word[0].isdigit() or word in MONTHS or word in WEEKDAYS


def _parse_with_library(words: str, calendar: Calendar) -> date | None:
    import dateparser  # noqa: PLC0415 - takes 0.2 s to import, and most calls never need it

    found = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "STRICT_PARSING": True,
            "PREFER_DATES_FROM": calendar.prefer,
            "RELATIVE_BASE": datetime.combine(calendar.today, time()),
            "DATE_ORDER": "MDY" if calendar.month_first else "DMY",
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    return found.date() if found is not None else None


def _hint(calendar: Calendar) -> str:
    earliest, latest = calendar.earliest, calendar.latest
    if earliest is not None and latest is not None:
        return f"I need a date from {say_date(earliest)} to {say_date(latest)}."
    if earliest is not None:
        return f"I need a date from {say_date(earliest)} on."
    if latest is not None:
        return f"I need a date up to {say_date(latest)}."
    return f"I need a date, for instance {_example(calendar)}."


def _example(calendar: Calendar) -> str:
    return "March 14th, 1985" if calendar.prefer == "past" else "next Tuesday, or March 14th"
