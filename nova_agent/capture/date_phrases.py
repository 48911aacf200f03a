"""Finds the dates in an utterance, whichever way they were said, and distances such as "in two weeks"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from nova_agent.capture.calendar_words import DAYS_IN, MONTHS_IN, Calendar, days_from, months_from
from nova_agent.capture.date_named import (
    DateSpan,
    day_then_month,
    feast_day,
    in_figures,
    month_then_day,
    past,
    word_at,
    year_then_month,
)
from nova_agent.capture.date_relative import day_of_month, near_day, weekday
from nova_agent.capture.numbers import number_at
from nova_agent.capture.speech import Tokens, words_of

type Rule = Callable[[Tokens, int, Calendar], DateSpan | None]


def find_dates(tokens: Tokens, calendar: Calendar) -> Iterator[DateSpan]:
    """Yield the dates of an utterance, in order."""
    position = 0
    while position < len(tokens):
        span = date_at(tokens, position, calendar)
        if span is not None:
            yield span
        position = span.end if span is not None else position + 1


def date_at(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    return next((span for rule in _RULES if (span := rule(tokens, start, calendar)) is not None), None)


def _distance(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    """ "in two weeks", "a year and two months ago", "a week from Tuesday", "two weeks today"."""
    forward = word_at(tokens, start) in ("in", "within")
    amount = _amounts(tokens, start + forward)
    if amount is None:
        return None
    months, days, end = amount
    base, sign = calendar.today, 1
    if not forward and word_at(tokens, end) in ("ago", "back"):
        sign, end = -1, end + 1
    elif not forward:
        anchor = _anchor(tokens, end, calendar)
        if anchor is None or anchor.value is None:
            return None
        base, end = anchor.value, anchor.end
    moved = months_from(base, sign * months)
    value = days_from(moved, sign * days) if moved is not None else None
    return DateSpan(value, start, end, problem="" if value else "That is too far away.", relative=True)


def _amounts(tokens: Tokens, position: int) -> tuple[int, int, int] | None:
    """Add "a year, two months and three days" up to months and days, and tell where it ends."""
    months = days = 0
    end = position
    while (amount := _amount(tokens, past(tokens, end, "and") if end > position else position)) is not None:
        count, unit, end = amount
        months += count * MONTHS_IN.get(unit, 0)
        days += count * DAYS_IN.get(unit, 0)
    return (months, days, end) if end > position else None


def _anchor(tokens: Tokens, position: int, calendar: Calendar) -> DateSpan | None:
    if word_at(tokens, position) not in ("from", "after", "on", "today", "tomorrow"):
        return None
    position = past(tokens, position, "from", "after", "on")
    if word_at(tokens, position) == "now":
        return DateSpan(calendar.today, position, position + 1)
    return date_at(tokens, position, replace(calendar, prefer="future"))


def _amount(tokens: Tokens, position: int) -> tuple[int, str, int] | None:
    """ "two weeks", "a month", "a couple of days": how many, of what, and where it ends."""
    words = words_of(tokens[position : position + 3])
    if words[:2] == ("a", "couple"):
        count, end = 2, past(tokens, position + 2, "of")
    elif words[:1] in (("a",), ("an",), ("one",)):
        count, end = 1, position + 1
    else:
        span = number_at(tokens, position)
        if span is None or span.ordinal or not 0 < span.value < 10_000:
            return None
        count, end = span.value, span.end
    unit = word_at(tokens, end)
    return (count, unit, end + 1) if unit in DAYS_IN or unit in MONTHS_IN else None


_RULES: Final[tuple[Rule, ...]] = (
    day_then_month,
    month_then_day,
    year_then_month,
    feast_day,
    in_figures,
    _distance,
    near_day,
    weekday,
    day_of_month,
)
