"""Dates. Today is a Wednesday, November 18th, 2026, unless a test says otherwise."""

from datetime import date

import pytest

from nova_agent.capture import Captured, Date, NotCaptured

TODAY = date(2026, 11, 18)
BIRTHDAY = Date(prefer="past")
VISIT = Date(prefer="future")


@pytest.mark.parametrize(
    "words",
    [
        "The fourteenth of March, nineteen eighty five.",
        "March 14, 1985",
        "March 14th, 1985.",
        "march the fourteenth nineteen eighty-five",
        "14 March 1985",
        "14th March 1985",
        "the 14th of March 1985",
        "fourteen march eighty five",
        "1985-03-14",
        "3/14/1985",
        "3-14-85",
        "03/14/85",
        "14.3.1985",
        "three fourteen eighty five",
        "three fourteen nineteen eighty five",
        "My birthday is March 14th, 1985.",
        "I was born on the 14th of March, 1985",
        "Um, Mar 14 1985",
        "March 15th, no wait, March 14th, 1985",
        "14mar1985",
        "1985, March 14th",
        "the fourteenth day of March in the year 1985",
        "It's March fourteenth, '85",
        "the 14th of march of 1985",
    ],
)
def test_one_birthday_in_many_words(words: str) -> None:
    result = BIRTHDAY.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.read_back) == (date(1985, 3, 14), "March 14th, 1985")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("today", date(2026, 11, 18)),
        ("Tomorrow.", date(2026, 11, 19)),
        ("the day after tomorrow", date(2026, 11, 20)),
        ("yesterday", date(2026, 11, 17)),
        ("the day before yesterday", date(2026, 11, 16)),
        ("in two weeks", date(2026, 12, 2)),
        ("in a week", date(2026, 11, 25)),
        ("two weeks from now", date(2026, 12, 2)),
        ("two weeks from today", date(2026, 12, 2)),
        ("two weeks from tomorrow", date(2026, 12, 3)),
        ("three days ago", date(2026, 11, 15)),
        ("in 3 days", date(2026, 11, 21)),
        ("in a month", date(2026, 12, 18)),
        ("in a couple of days", date(2026, 11, 20)),
        ("a week from Friday", date(2026, 11, 27)),
        ("a week on Friday", date(2026, 11, 27)),
        ("a fortnight today", date(2026, 12, 2)),
        ("a week after March 3rd 2027", date(2027, 3, 10)),
        ("next Tuesday", date(2026, 11, 24)),
        ("next Wednesday", date(2026, 11, 25)),
        ("next week Tuesday", date(2026, 11, 24)),
        ("Tuesday next week", date(2026, 11, 24)),
        ("next week on Friday", date(2026, 11, 27)),
        ("Friday of next week", date(2026, 11, 27)),
        ("this Friday", date(2026, 11, 20)),
        ("this coming Friday", date(2026, 11, 20)),
        ("on Friday", date(2026, 11, 20)),
        ("Friday", date(2026, 11, 20)),
        ("Wednesday", date(2026, 11, 25)),
        ("Friday week", date(2026, 11, 27)),
        ("Sunday works", date(2026, 11, 22)),
        ("Tuesday the 24th", date(2026, 11, 24)),
        ("Tuesday, November 24th", date(2026, 11, 24)),
        ("the 20th", date(2026, 11, 20)),
        ("the 3rd", date(2026, 12, 3)),
        ("the 3rd of next month", date(2026, 12, 3)),
        ("the fifth of the month", date(2026, 11, 5)),
        ("March 14", date(2027, 3, 14)),
        ("December 1st", date(2026, 12, 1)),
        ("Christmas Eve", date(2026, 12, 24)),
        ("the fourth of July", date(2027, 7, 4)),
        ("new year's day", date(2027, 1, 1)),
        ("february twenty ninth", date(2028, 2, 29)),
        ("next Tuesday, no wait, Thursday", date(2026, 11, 19)),
        ("not Tuesday, Friday", date(2026, 11, 20)),
        ("2026-12-24", date(2026, 12, 24)),
        ("November twenty fourth ten thirty", date(2026, 11, 24)),
    ],
)
def test_an_appointment_in_many_words(words: str, value: date) -> None:
    result = VISIT.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Tuesday", date(2026, 11, 17)),
        ("last Tuesday", date(2026, 11, 17)),
        ("last Friday", date(2026, 11, 13)),
        ("Friday of last week", date(2026, 11, 13)),
        ("the 20th", date(2026, 10, 20)),
        ("March 14", date(2026, 3, 14)),
        ("December 1st", date(2025, 12, 1)),
        ("a week ago", date(2026, 11, 11)),
        ("two months ago", date(2026, 9, 18)),
        ("a year and two months ago", date(2025, 9, 18)),
        ("1985 14 March", date(1985, 3, 14)),
        ("March 14 05", date(2005, 3, 14)),
        ("March 14 26", date(2026, 3, 14)),
        ("December 14 26", date(1926, 12, 14)),
        ("may fifth seventy one", date(1971, 5, 5)),
        ("February 29th", date(2024, 2, 29)),
    ],
)
def test_the_past_is_preferred_where_the_question_is_about_the_past(words: str, value: date) -> None:
    result = BIRTHDAY.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == value


@pytest.mark.parametrize(
    ("kind", "words", "doubt"),
    [
        (BIRTHDAY, "March 14", "ambiguous-year"),
        (BIRTHDAY, "3/4/1985", "day-month-order"),
        (VISIT, "next Friday", "ambiguous-week"),
        (VISIT, "Monday the 24th", "weekday-mismatch"),
        (BIRTHDAY, "1 decade ago", "parsed-loosely"),
    ],
)
def test_a_doubtful_date_says_why(kind: Date, words: str, doubt: str) -> None:
    result = kind.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.doubts == (doubt,)


@pytest.mark.parametrize(
    ("region", "value"), [("US", date(1985, 3, 4)), ("GB", date(1985, 4, 3)), ("DE", date(1985, 4, 3))]
)
def test_figures_are_read_in_the_order_of_the_region(region: str, value: date) -> None:
    result = BIRTHDAY.capture("3/4/1985", today=TODAY, region=region)
    assert isinstance(result, Captured)
    assert (result.value, result.doubts) == (value, ("day-month-order",))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("February 30th", "February has no day 30."),
        ("the thirty first of April 1990", "April has no day 31."),
        ("2023-02-29", "February 2023 has no day 29."),
        ("13/13/2020", "There is no month 13."),
    ],
)
def test_a_day_that_does_not_exist_is_explained(words: str, problem: str) -> None:
    result = BIRTHDAY.capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "not-understood"
    assert result.hint.startswith(problem)


@pytest.mark.parametrize(
    "words", ["March", "in October", "March 1985", "next week", "next month", "1985", "this weekend"]
)
def test_half_a_date_is_incomplete(words: str) -> None:
    result = VISIT.capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "incomplete"


@pytest.mark.parametrize("words", ["banana", "yes", "I don't know", "eight", "um", "may I ask you something"])
def test_what_is_no_date_is_not_understood(words: str) -> None:
    result = BIRTHDAY.capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "not-understood"


def test_a_date_outside_the_limits_says_what_was_heard() -> None:
    kind = Date(earliest=TODAY, latest=date(2026, 12, 31), prefer="future")
    assert kind.capture("January 5th, 2027", today=TODAY) == NotCaptured(
        "out-of-range",
        "I need a date from November 18th, 2026 to December 31st, 2026.",
        heard="Tuesday, January 5th, 2027",
    )


@pytest.mark.parametrize("words", ["Tuesday or Friday", "the 20th or the 21st", "tomorrow or Friday"])
def test_two_dates_are_ambiguous(words: str) -> None:
    result = VISIT.capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "ambiguous"


def test_an_appointment_is_read_back_with_its_weekday_and_keeps_the_time() -> None:
    result = VISIT.capture("This Friday at 3 pm, please.", today=TODAY)
    assert result == Captured(date(2026, 11, 20), "Friday, November 20th, 2026", rest="at 3 pm")


@pytest.mark.parametrize("today", [date(2026, 11, day) for day in range(16, 23)])
def test_next_tuesday_is_in_the_next_calendar_week(today: date) -> None:
    result = VISIT.capture("next Tuesday", today=today)
    assert isinstance(result, Captured)
    assert result.value == date(2026, 11, 24)
