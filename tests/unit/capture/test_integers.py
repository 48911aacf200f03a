"""Whole numbers and ratings."""

from datetime import date

import pytest

from nova_agent.capture import Captured, Integer, NotCaptured, Scale

TODAY = date(2026, 11, 18)
ZERO_TO_TEN = Scale(0, 10)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Eight.", 8),
        ("8", 8),
        ("8.", 8),
        ("Um, eight out of ten.", 8),
        ("I'd say a seven.", 7),
        ("Ten, no wait, nine.", 9),
        ("ten no nine", 9),
        ("eight… actually seven", 7),
        ("Eight, I mean seven.", 7),
        ("Actually, eight.", 8),
        ("Eight, actually.", 8),
        ("Scratch that, six.", 6),
        ("Four, make that five.", 5),
        ("Not eight, seven.", 7),
        ("not an eight but a seven", 7),
        ("8/10", 8),
        ("8 / 10", 8),
        ("ten out of ten", 10),
        ("a solid nine", 9),
        ("It's a 6.", 6),
        ("My answer is five.", 5),
        ("My answer would be a five", 5),
        ("Zero.", 0),
        ("nil", 0),
        ("definitely a ten", 10),
        ("I would give it a nine.", 9),
        ("Nine stars.", 9),
        ("A three, I think.", 3),
        ("Hmm, let me think, seven.", 7),
        ("that's a two", 2),
        ("Oh, eight.", 8),
        ("Eight. Eight.", 8),
        ("on a scale of one to ten, eight", 8),
        ("put me down for a four please", 4),
        ("Twelve, sorry, ten.", 10),
        ("I'd go with number seven", 7),
        ("8 points", 8),
        ("Maybe a seven?", 7),
        ("seven, no, eight", 8),
        ("seven no wait eight no wait nine", 9),
    ],
)
def test_a_rating_is_understood(words: str, value: int) -> None:
    result = ZERO_TO_TEN.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.read_back) == (value, str(value))
    assert result.doubts == ()
    assert result.rest == ""


@pytest.mark.parametrize(
    ("words", "value"),
    [("For.", 4), ("Ate.", 8), ("To.", 2), ("too", 2), ("Won.", 1), ("Free.", 3), ("I'd say for.", 4), ("Tan.", 10)],
)
def test_a_lone_sound_alike_is_a_doubtful_number(words: str, value: int) -> None:
    assert ZERO_TO_TEN.capture(words, today=TODAY) == Captured(value, str(value), ("sounds-like",))


@pytest.mark.parametrize(
    ("words", "value", "rest"),
    [
        ("Eight, and because the staff were friendly.", 8, "because the staff were friendly"),
        ("Eight, because the two waiters were nice.", 8, "because the two waiters were nice"),
        ("I'd say seven but the wait was long", 7, "but the wait was long"),
        ("Nine out of ten, the soup was cold though", 9, "the soup was cold though"),
        ("Eight, thank you very much.", 8, ""),
        ("Ten, I think.", 10, ""),
    ],
)
def test_keeps_what_follows_the_rating(words: str, value: int, rest: str) -> None:
    result = ZERO_TO_TEN.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.rest, result.doubts) == (value, rest, ())


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("fifteen", "15"),
        ("Eleven.", "11"),
        ("a hundred", "100"),
        ("-5", "-5"),
        ("minus two", "-2"),
        ("eight, no wait, twelve", "12"),
    ],
)
def test_a_rating_off_the_scale_says_what_was_heard(words: str, heard: str) -> None:
    assert ZERO_TO_TEN.capture(words, today=TODAY) == NotCaptured(
        "out-of-range", "I need a whole number from 0 to 10.", heard
    )


@pytest.mark.parametrize(
    "words",
    [
        "seven or eight",
        "between seven and eight",
        "seven to eight",
        "between a seven and an eight",
        "either a seven or an eight",
        "7 or 8",
    ],
)
def test_two_ratings_at_once_are_ambiguous(words: str) -> None:
    result = ZERO_TO_TEN.capture(words, today=TODAY)
    assert result == NotCaptured("ambiguous", "I heard 7 and 8. Which one is it?", "7, 8")


@pytest.mark.parametrize(
    "words",
    [
        "seven and a half",
        "7.5",
        "seven point five",
        "blue",
        "that one",
        "no one knows",
        "I don't know",
        "half",
        "um",
        "which one?",
    ],
)
def test_what_is_no_whole_number_is_not_understood(words: str) -> None:
    result = ZERO_TO_TEN.capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "not-understood"


def test_two_numbers_side_by_side_leave_a_doubt() -> None:
    assert ZERO_TO_TEN.capture("eight. seven.", today=TODAY) == Captured(7, "7", ("two-numbers",))


def test_an_unfinished_correction_leaves_a_doubt() -> None:
    assert ZERO_TO_TEN.capture("Ten, no wait.", today=TODAY) == Captured(10, "10", ("unfinished-correction",))


HAPPINESS = Scale(1, 5, {"very unhappy": 1, "unhappy": 2, "neutral": 3, "happy": 4, "very happy": 5})


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Very happy.", 5),
        ("I'm happy", 4),
        ("unhappy", 2),
        ("I was very unhappy", 1),
        ("Neutral, I guess.", 3),
        ("4", 4),
        ("four", 4),
    ],
)
def test_a_label_of_the_scale_is_a_rating(words: str, value: int) -> None:
    result = HAPPINESS.capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("two hundred and five", 205),
        ("1,200", 1200),
        ("nineteen eighty five", 1985),
        ("twenty twenty six", 2026),
        ("two thousand and five", 2005),
        ("twenty oh six", 2006),
        ("a dozen", 12),
        ("half a dozen", 6),
        ("two dozen", 24),
        ("None.", 0),
        ("minus three", -3),
        ("-3", -3),
        ("one two three", 123),
        ("three million two hundred thousand", 3_200_000),
        ("I have two kids.", 2),
        ("we are a family of five", 5),
        ("twenty-one", 21),
        ("a hundred and one", 101),
        ("eighty percent", 80),
        ("thirty four years old", 34),
        ("There are six of us", 6),
        ("5 hundred", 500),
        ("I am forty two.", 42),
    ],
)
def test_a_whole_number_is_understood(words: str, value: int) -> None:
    result = Integer().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.value == value


@pytest.mark.parametrize(
    "words", ["about twenty", "more than twenty", "at least 20", "roughly twenty", "almost twenty"]
)
def test_an_inexact_number_is_doubtful(words: str) -> None:
    assert Integer().capture(words, today=TODAY) == Captured(20, "20", ("approximate",))


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        (Integer(), "I need a whole number."),
        (Integer(minimum=18), "I need a whole number of at least 18."),
        (Integer(maximum=5), "I need a whole number of at most 5."),
        (Integer(1, 5), "I need a whole number from 1 to 5."),
    ],
)
def test_the_hint_tells_the_limits(kind: Integer, hint: str) -> None:
    result = kind.capture("banana", today=TODAY)
    assert isinstance(result, NotCaptured)
    assert result.hint == hint


@pytest.mark.parametrize("words", ["I have no children", "no", "nothing"])
def test_zero_in_other_words_is_doubtful(words: str) -> None:
    assert Integer(0, 20).capture(words, today=TODAY) == Captured(0, "0", ("zero-implied",))


@pytest.mark.parametrize("words", ["five minus ten", "eight -5", "one -5"])
def test_negative_numbers_are_never_joined(words: str) -> None:
    result = Integer().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert result.doubts == ("two-numbers",)
