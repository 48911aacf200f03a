"""Number words, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_agent.capture.numbers import find_numbers, ordinal_figure, parse_number, spell_number, year_at
from nova_agent.capture.speech import tokenise


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("zero", 0),
        ("nil", 0),
        ("seventeen", 17),
        ("twenty-one", 21),
        ("one hundred", 100),
        ("a hundred and five", 105),
        ("four hundred twelve", 412),
        ("a thousand", 1000),
        ("twelve hundred", 1200),
        ("two thousand and five", 2005),
        ("three hundred thousand", 300_000),
        ("one million two hundred thousand and six", 1_200_006),
        ("5 hundred", 500),
        ("2 million", 2_000_000),
        ("1,234,567", 1_234_567),
        ("a dozen", 12),
        ("half a dozen", 6),
        ("minus seven", -7),
        ("-7", -7),
        ("fourteenth", 14),
        ("twenty first", 21),
        ("one hundred and first", 101),
        ("hundredth", 100),
        ("14th", 14),
        ("half", None),
        ("banana", None),
        ("eight bananas", None),
        ("", None),
        ("seven point five", None),
        ("7.5", None),
    ],
)
def test_a_number_in_words(text: str, value: int | None) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("twenty six seventy one", [26, 71]),
        ("twenty, six", [20, 6]),
        ("one two three", [1, 2, 3]),
        ("two thousand, three thousand", [2000, 3000]),
        ("one hundred one five", [101, 5]),
    ],
)
def test_numbers_side_by_side_stay_apart(text: str, values: list[int]) -> None:
    assert [span.value for span in find_numbers(tokenise(text))] == values


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("nineteen eighty five", 1985),
        ("twenty twenty six", 2026),
        ("nineteen oh five", 1905),
        ("nineteen hundred", 1900),
        ("two thousand five", 2005),
        ("twenty ten", 2010),
        ("1985", 1985),
        ("eighty five", None),
        ("banana", None),
    ],
)
def test_a_spoken_year(text: str, year: int | None) -> None:
    span = year_at(tokenise(text), 0)
    assert (span.value if span else None) == year


@pytest.mark.parametrize(
    ("value", "figure"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd"), (113, "113th")],
)
def test_an_ordinal_figure(value: int, figure: str) -> None:
    assert ordinal_figure(value) == figure


@given(st.integers(min_value=-999_999_999, max_value=999_999_999))
def test_a_spelled_number_comes_back(value: int) -> None:
    assert parse_number(spell_number(value)) == value
