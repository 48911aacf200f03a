"""Days told from today: "tomorrow", "next Tuesday", "the 14th".

Policy for weekdays, with weeks that begin on Monday: "next Tuesday" is the Tuesday of the next calendar week,
"this Friday" the Friday of the current one, "last Tuesday" the most recent Tuesday before today, and a bare
"Tuesday" the nearest one on the preferred side of today, today excluded.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from nova_agent.capture.calendar_words import WEEKDAYS, Calendar, day_or_none, days_from, in_week_of, months_from
from nova_agent.capture.date_named import DateSpan, day_number, past, word_at
from nova_agent.capture.speech import Tokens, words_of


def near_day(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    """ "today", "tomorrow", "the day after tomorrow"."""
    begin = past(tokens, start, "the")
    for phrase, offset in _NEAR_DAYS.items():
        if words_of(tokens[begin : begin + len(phrase)]) == phrase:
            return DateSpan(days_from(calendar.today, offset), start, begin + len(phrase), relative=True)
    return None


_NEAR_DAYS: Final = {
    ("day", "after", "tomorrow"): 2,
    ("day", "before", "yesterday"): -2,
    ("tomorrow",): 1,
    ("today",): 0,
    ("tonight",): 0,
    ("yesterday",): -1,
}


def weekday(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    """ "next Tuesday", "this coming Friday", "Tuesday next week", "Tuesday week", "next week on Tuesday"."""
    position = past(tokens, start, "the", "on")
    modifier = word_at(tokens, position)
    position = past(tokens, position, *_MODIFIERS)
    in_week = word_at(tokens, position) == "week"
    if in_week:
        position = past(tokens, position + 1, "on")
    weekday = WEEKDAYS.get(word_at(tokens, position))
    if weekday is None or (in_week and modifier not in _MODIFIERS):
        return None
    after = past(tokens, position + 1, "of")
    following = words_of(tokens[after : after + 2])
    if not in_week and following in _WEEK_AFTER:
        return _weekday_of(calendar, weekday, following[0], start, after + 2, in_week=True)
    if following[:1] == ("week",) and modifier not in _MODIFIERS:
        coming = _after_today(calendar.today, weekday)
        return DateSpan(days_from(coming, 7) if coming else None, start, position + 2, relative=True)
    return _weekday_of(calendar, weekday, modifier, start, position + 1, in_week=in_week)


_MODIFIERS: Final = ("next", "this", "coming", "last", "past", "following", "previous")
_WEEK_AFTER: Final = frozenset({("next", "week"), ("this", "week"), ("last", "week")})


def _weekday_of(calendar: Calendar, weekday: int, modifier: str, start: int, end: int, *, in_week: bool) -> DateSpan:
    today = calendar.today
    doubts: tuple[str, ...] = ()
    if modifier == "next":
        value = in_week_of(today, weekday, 1)
        doubts = ("ambiguous-week",) if weekday > today.weekday() and not in_week else ()
    elif modifier == "this":
        value = in_week_of(today, weekday)
        if value is not None and value < today and calendar.prefer == "future" and not in_week:
            value, doubts = _after_today(today, weekday), ("ambiguous-week",)
    elif modifier in ("last", "past", "previous"):
        value = in_week_of(today, weekday, -1) if in_week else _before_today(today, weekday)
        doubts = ("ambiguous-week",) if weekday < today.weekday() and not in_week else ()
    elif modifier in ("coming", "following") or calendar.prefer == "future":
        value = _after_today(today, weekday)
    else:
        value = _before_today(today, weekday)
    return DateSpan(value, start, end, doubts, relative=True)


def _after_today(today: date, weekday: int) -> date | None:
    return days_from(today, (weekday - today.weekday() - 1) % 7 + 1)


def _before_today(today: date, weekday: int) -> date | None:
    return days_from(today, -((today.weekday() - weekday - 1) % 7 + 1))


def day_of_month(tokens: Tokens, start: int, calendar: Calendar) -> DateSpan | None:
    """ "the 14th", "the 14th of next month"."""
    day = day_number(tokens, past(tokens, start, "the"))
    if day is None or not day[2]:
        return None
    after = words_of(tokens[day[1] : day[1] + 3])
    if after[:1] == ("of",) and after[1:] in (
        ("next", "month"),
        ("this", "month"),
        ("last", "month"),
        ("the", "month"),
    ):
        shift = {"next": 1, "last": -1}.get(after[1], 0)
        month = months_from(calendar.today.replace(day=1), shift)
        value = day_or_none(month.year, month.month, day[0]) if month else None
        return DateSpan(
            value, start, day[1] + 3, relative=True, problem="" if value else f"That month has no day {day[0]}."
        )
    if word_at(tokens, day[1]) in ("one", "option", "choice", "time", "floor", "grade", "street", "avenue"):
        return None
    return DateSpan(_nearest_day(day[0], calendar), start, day[1], relative=True)


def _nearest_day(day: int, calendar: Calendar) -> date | None:
    """The nearest such day of a month on the preferred side of today, today included."""
    step = -1 if calendar.prefer == "past" else 1
    months = (months_from(calendar.today.replace(day=1), step * count) for count in range(4))
    days = (day_or_none(month.year, month.month, day) for month in months if month is not None)
    return next((found for found in days if found is not None and calendar.is_preferred(found)), None)
