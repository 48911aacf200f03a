"""Telephone numbers."""

from datetime import date

import pytest

from nova_agent.capture import Captured, NotCaptured, Phone

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    "words",
    [
        "+14155552671",
        "4155552671",
        "(415) 555-2671",
        "415-555-2671",
        "415.555.2671",
        "415 555 2671",
        "1 415 555 2671",
        "+1 (415) 555-2671",
        "My phone number is for one five five five five two six seven one.",
        "four one five, five five five, twenty six seventy one",
        "four one five five five five two six seven one",
        "four one five double five five two six seven one",
        "four one five triple five two six seven one",
        "Four one five, three fives, two six seven one.",
        "It's 4 1 5 5 5 5 2 6 7 1.",
        "area code four one five, five five five, two six seven one",
        "four won five five five five to six seven one",
        "415, um, 555, uh, 2671",
        "You can call me at 415 555 2671",
        "plus one four one five five five five two six seven one",
        "four fifteen, five fifty five, twenty six seventy one",
        "415 555 2672, no wait, 415 555 2671",
        "four one five, five five six, no, five five five, two six seven one",
        "415 555 2671 extension 12",
        "415 555 2671, that is 415 555 2671",
        "415 555 2671 415 555 2671",
        "call me for work at 415 555 2671",
        "Four-one-five, five-five-five, two-six-seven-one",
    ],
)
def test_one_number_in_many_words(words: str) -> None:
    result = Phone().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.read_back) == ("+14155552671", "4 1 5, 5 5 5, 2 6 7 1")


@pytest.mark.parametrize(
    ("words", "region", "value", "read_back"),
    [
        ("oh two oh seven nine four six oh nine five eight", "GB", "+442079460958", "0 2 0, 7 9 4 6, 0 9 5 8"),
        (
            "plus four four two oh seven nine four six oh nine five eight",
            "US",
            "+442079460958",
            "plus 4 4, 2 0, 7 9 4 6, 0 9 5 8",
        ),
        ("+44 20 7946 0958", "US", "+442079460958", "plus 4 4, 2 0, 7 9 4 6, 0 9 5 8"),
        (
            "double oh four four two oh seven nine four six oh nine five eight",
            "GB",
            "+442079460958",
            "0 2 0, 7 9 4 6, 0 9 5 8",
        ),
        ("eight hundred, five five five, two six seven one", "US", "+18005552671", "8 0 0, 5 5 5, 2 6 7 1"),
        ("six five oh two five three oh oh oh oh", "US", "+16502530000", "6 5 0, 2 5 3, 0 0 0 0"),
        ("six five oh two five three double oh double oh", "US", "+16502530000", "6 5 0, 2 5 3, 0 0 0 0"),
    ],
)
def test_a_number_in_its_region(words: str, region: str, value: str, read_back: str) -> None:
    result = Phone().capture(words, today=TODAY, region=region)
    assert result == Captured(value, read_back)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("four one five", 3),
        ("415 555", 6),
        ("555 2671", 7),
        ("four one five five five five two six seven", 9),
    ],
)
def test_a_short_number_says_how_much_was_heard(words: str, count: int) -> None:
    result = Phone().capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "incomplete"
    assert f"only {count} digit" in result.hint


def test_too_many_digits_are_refused() -> None:
    result = Phone().capture("415 555 2671 99887", today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "too-long"


@pytest.mark.parametrize("words", ["banana", "I don't have one", "to be honest no", "for you", "um"])
def test_what_is_no_number_is_not_understood(words: str) -> None:
    result = Phone().capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "not-understood"


def test_a_possible_number_of_no_known_area_is_doubtful() -> None:
    result = Phone().capture("555 123 4567", today=TODAY)
    assert result == Captured("+15551234567", "5 5 5, 1 2 3, 4 5 6 7", ("unusual-number",))


def test_a_mended_group_is_doubtful() -> None:
    result = Phone().capture("four one five five five six, no, five five five, two six seven one", today=TODAY)
    assert isinstance(result, Captured)
    assert result.doubts == ("corrected-group",)


def test_keeps_what_follows_the_number() -> None:
    result = Phone().capture("415 555 2671, but only after five.", today=TODAY)
    assert isinstance(result, Captured)
    assert result.rest == "but only after five"
