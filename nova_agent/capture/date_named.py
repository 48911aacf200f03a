"""Dates named by month and day: "the fourteenth of March, nineteen eighty five", "three fourteen eighty five"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from nova_agent.capture.calendar_words import FEAST_DAYS, MONTHS, Calendar, day_or_none, years_around
from nova_agent.capture.numbers import number_at, year_at
from nova_agent.capture.speech import Tokens, words_of

_FIRST_YEAR: Final = 1800
_LAST_YEAR: Final = 2199


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date that was said in ``tokens[start:end]``; ``value`` is None if there is no such day."""

    value: date | None
    start: int
    end: int
    doubts: tuple[str, ...] = ()
    problem: str = ""
    relative: bool = False


def word_at(tokens: Tokens, position: int) -> str:
    return tokens[position].word if 0 <= position < len(tokens) else ""


def past(tokens: Tokens, position: int, *skipped: str) -> int:
    while word_at(tokens, position) in skipped:
        position += 1
    return position


def day_number(tokens: Tokens, position: int) -> tuple[int, int, bool] | None:
    """A day of the month at ``position``: its number, where it ends, and whether it was an ordinal."""
    span = number_at(tokens, position)
    if span is None or not 1 <= span.value <= 31 or word_at(tokens, position) in ("a", "an"):
        return None
    return span.value, span.end, span.ordinal


def day_then_month(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    """ "the fourteenth of March, nineteen eighty five"."""
    day = day_number(tokens, past(tokens, start, "the"))
    if day is None:
        return None
    after = past(tokens, day[1], "day", "of")
    month = MONTHS.get(word_at(tokens, after))
    return _with_year(tokens, start, after + 1, month, day[0], calendar) if month else None


def month_then_day(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    """ "March the 14th, 1985"."""
    month = MONTHS.get(word_at(tokens, start))
    day = day_number(tokens, past(tokens, start + 1, "the")) if month else None
    return _with_year(tokens, start, day[1], month, day[0], calendar) if month and day else None


def year_then_month(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    """ "1985, March 14th"."""
    year = year_at(tokens, start)
    span = (month_then_day(tokens, year.end, calendar) or day_then_month(tokens, year.end, calendar)) if year else None
    if year is None or span is None or span.value is None or _year_after(tokens, span.end) is not None:
        return None
    value = day_or_none(year.value, span.value.month, span.value.day)
    return DateSpan(value, start, span.end, problem="" if value else "There is no such day in that year.")


def in_figures(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    """ "three fourteen nineteen eighty five": two numbers in the region's order, and a year."""
    first = day_number(tokens, start)
    second = day_number(tokens, first[1]) if first else None
    if first is None or second is None or _year_after(tokens, second[1]) is None:
        return None
    month, day, doubts = month_and_day(first[0], second[0], month_first=calendar.month_first)
    if not 1 <= month <= 12:
        return None
    span = _with_year(tokens, start, second[1], month, day, calendar)
    return replace(span, doubts=(*doubts, *span.doubts))


def month_and_day(first: int, second: int, *, month_first: bool) -> tuple[int, int, tuple[str, ...]]:
    """Tell month and day apart; when both orders are possible the region decides, with a doubt."""
    if first > 12 or second > 12:
        return (second, first, ()) if first > 12 else (first, second, ())
    doubts = ("day-month-order",) if first != second else ()
    return (first, second, doubts) if month_first else (second, first, doubts)


def _with_year(tokens: Tokens, start: int, end: int, month: int, day: int, calendar: Calendar) -> DateSpan:
    said = _year_after(tokens, end)
    year, end = said if said is not None else (None, end)
    value, doubts = on_day(year, month, day, calendar)
    return DateSpan(value, start, end, doubts, "" if value else no_such_day(month, day, year))


def _year_after(tokens: Tokens, position: int) -> tuple[int, int] | None:
    """The year at ``position``: four digits, or two that :func:`on_day` places in a century."""
    position = past(tokens, position, "of", "in", "the", "year")
    year = year_at(tokens, position)
    if year is not None and _FIRST_YEAR <= year.value <= _LAST_YEAR:
        return year.value, year.end
    zero = word_at(tokens, position) in ("oh", "o")
    short = number_at(tokens, position + zero)
    if short is None or short.ordinal or not 0 <= short.value <= 99:
        return None
    is_time = word_at(tokens, short.end) in ("am", "pm", "a", "p", "o'clock", "in", "thirty", "days", "weeks")
    two_digits = zero or short.value >= 10 or len(word_at(tokens, position)) == 2
    return (short.value, short.end) if two_digits and not is_time else None


def on_day(year: int | None, month: int, day: int, calendar: Calendar) -> tuple[date | None, tuple[str, ...]]:
    """The date; a missing year is resolved by preference with a doubt, and a two-digit year by preference."""
    if year is not None and year >= 100:
        return day_or_none(year, month, day), ()
    years = years_around(calendar.today, calendar.prefer) if year is None else _centuries(year, calendar)
    days = [found for candidate in years if (found := day_or_none(candidate, month, day))]
    fitting = [found for found in days if calendar.is_preferred(found)] + days
    allowed = [found for found in fitting if calendar.allows(found)] + fitting
    return (allowed[0] if allowed else None), ("ambiguous-year",) if year is None else ()


def _centuries(year: int, calendar: Calendar) -> Iterator[int]:
    century = calendar.today.year // 100 * 100
    order = (0, -100, 100) if calendar.prefer == "past" else (0, 100, -100)
    yield from (century + offset + year for offset in order if 1 <= century + offset + year <= 9999)


def no_such_day(month: int, day: int, year: int | None) -> str:
    """Tell the caller that a month has no such day."""
    name = date(2000, month, 1).strftime("%B")
    when = f"{name} {year}" if year is not None and year >= 100 and month == 2 and day == 29 else name
    return f"{when} has no day {day}."


def feast_day(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    for length in (3, 2, 1):
        words = words_of(tokens[start : start + length])
        found = FEAST_DAYS.get(words)
        if found is not None and len(words) == length:
            return _with_year(tokens, start, start + length, *found, calendar)
    return None
