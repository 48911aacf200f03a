"""The words of the calendar, and arithmetic with months and weeks. A week begins on Monday."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Final, Literal

Prefer = Literal["past", "future"]

_MONTH_NAMES: Final = (
    "january jan", "february feb febuary", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sep sept", "october oct", "november nov", "december dec",
)  # fmt: skip
_WEEKDAY_NAMES: Final = (
    "monday mon", "tuesday tue tues", "wednesday wed weds wendsday", "thursday thu thur thurs", "friday fri",
    "saturday sat", "sunday sun",
)  # fmt: skip

MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
WEEKDAYS: Final = {name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names.split()} | {
    f"{names.split()[0]}s": number for number, names in enumerate(_WEEKDAY_NAMES)
}
DAYS_IN: Final = {"day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14, "fortnights": 14}
MONTHS_IN: Final = {"month": 1, "months": 1, "year": 12, "years": 12}
FEAST_DAYS: Final = {
    ("christmas", "day"): (12, 25), ("christmas", "eve"): (12, 24), ("christmas",): (12, 25),
    ("boxing", "day"): (12, 26),
    ("new", "year's", "eve"): (12, 31), ("new", "year's", "day"): (1, 1), ("new", "years", "eve"): (12, 31),
    ("new", "years", "day"): (1, 1), ("halloween",): (10, 31), ("valentine's", "day"): (2, 14),
    ("valentines", "day"): (2, 14), ("independence", "day"): (7, 4),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a spoken date is understood against. ``month_first`` is the American order of 3/4/1985."""

    today: date
    prefer: Prefer = "past"
    month_first: bool = True
    earliest: date | None = None
    latest: date | None = None

    def allows(self, value: date) -> bool:
        return (self.earliest is None or value >= self.earliest) and (self.latest is None or value <= self.latest)

    def is_preferred(self, value: date) -> bool:
        return value <= self.today if self.prefer == "past" else value >= self.today


def day_or_none(year: int, month: int, day: int) -> date | None:
    """The date, or None if there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def days_from(start: date, days: int) -> date | None:
    """``start`` moved by ``days``; None beyond the calendar's ends."""
    try:
        return start + timedelta(days=days)
    except OverflowError:
        return None


def months_from(start: date, months: int) -> date | None:
    """``start`` moved by whole months; the day is cut to the length of the month it lands in."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def in_week_of(day: date, weekday: int, weeks: int = 0) -> date | None:
    """The given weekday (Monday is 0) of the week that ``day`` is in, or of the week ``weeks`` later."""
    return days_from(day, weekday - day.weekday() + 7 * weeks)


def years_around(today: date, prefer: Prefer) -> Iterator[int]:
    """Years near today in the order of preference, far enough to find a February 29th."""
    step = -1 if prefer == "past" else 1
    yield from (today.year + step * count for count in range(9) if MINYEAR <= today.year + step * count <= MAXYEAR)
    if MINYEAR <= today.year - step <= MAXYEAR:
        yield today.year - step
