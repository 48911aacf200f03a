from __future__ import annotations

import pytest

from nova_agent.simulate.normalise import normalise
from nova_agent.simulate.transcribe import word_error_rate


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Eight.", "8"),
        ("Ten out of ten!", "10 out of 10"),
        ("four one five, five five five, zero one three four", "415-555-0134"),
        ("four one five", "four hundred fifteen"),
        ("four oh five", "405"),
        ("March fourteenth, nineteen eighty-five", "March 14th, 1985"),
        ("the twenty first of May two thousand and five", "the 21st of May 2005"),
        ("twenty twenty-six", "2026"),
        ("twelve hundred", "1,200"),
        ("two million", "2,000,000"),
        ("seven thirty p.m.", "7:30 PM"),
        ("three point five percent", "3.5%"),
        ("five dollars", "$5"),
        ("twelfth", "12th"),
        ("It’s okay, I’m fine", "it is OK, I am fine"),
        ("I can't", "I cannot"),
        ("Um, well, uh, eight", "well 8"),
        ("john dot smith at example dot com", "john.smith@example.com"),
        ("e-mail", "email"),
        ("café", "cafe"),
    ],
)
def test_two_spellings_of_the_same_words_are_equal(one: str, other: str) -> None:
    assert normalise(one) == normalise(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eight", "eighteen"),
        ("fifteen", "fifty"),
        ("I can", "I can't"),
        ("0134", "134"),
        ("one hundred five", "one thousand five"),
    ],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_numbers_become_their_digits() -> None:
    assert normalise("Ten out of 10, um, March 14th, 1985.") == "1 0 out of 1 0 march 1 4 1 9 8 5"


@pytest.mark.parametrize(
    ("said", "recognised", "rate"),
    [
        ("How likely are you", "how likely are you?", 0.0),
        ("How likely are you", "how lightly are you", 0.25),
        ("eight", "", 1.0),
        ("", "", 0.0),
        ("", "noise", 1.0),
    ],
)
def test_the_word_error_rate_counts_words_after_normalising(said: str, recognised: str, rate: float) -> None:
    assert word_error_rate(said, recognised) == pytest.approx(rate)
