"""Words as the recogniser wrote them in real calls, and what they have to come to."""

from __future__ import annotations

from datetime import date

import pytest

from nova_agent.capture import Captured, Choice, Date, MultipleChoice, NotCaptured, Phone, Scale, YesNo

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("words", ["To-morrow.", "tomorrow,", "Tomorrow."])
def test_tomorrow_however_it_is_spelled(words: str) -> None:
    result = Date(prefer="future").capture(words, today=TODAY)
    assert isinstance(result, Captured)
    assert result.value == date(2026, 11, 23)


@pytest.mark.parametrize("words", ["The second one.", "the evening one", "second one please", "That one."])
def test_one_that_stands_for_a_thing_is_no_rating(words: str) -> None:
    assert isinstance(Scale(1, 5).capture(words, today=TODAY), NotCaptured)


@pytest.mark.parametrize("words", ["One.", "I'd say one.", "a one", "One out of five."])
def test_one_that_is_a_rating_stays_one(words: str) -> None:
    result = Scale(1, 5).capture(words, today=TODAY)
    assert isinstance(result, Captured)
    assert result.value == 1


def test_a_stuttered_digit_is_mended_and_doubted() -> None:
    result = Phone().capture("Five, oh three, five, five, five, five, zero, one two three.", today=TODAY)
    assert isinstance(result, Captured)
    assert (result.value, result.doubts) == ("+15035550123", ("repeated-digit",))


@pytest.mark.parametrize("words", ["Not at the moment, number.", "Not currently."])
def test_a_no_in_other_words(words: str) -> None:
    result = YesNo().capture(words, today=TODAY)
    assert isinstance(result, Captured)
    assert result.value is False


def test_a_label_that_was_named_outweighs_one_that_only_sounds_alike() -> None:
    pain = Scale(0, 10, {"no pain": 0, "the worst pain": 10})
    result = pain.capture("Oh, there's no pain.", today=TODAY)
    assert isinstance(result, Captured)
    assert (result.value, result.doubts) == (0, ())


def test_what_is_ruled_out_is_not_taken_for_a_correction() -> None:
    symptoms = MultipleChoice((Choice("fever", "fever"), Choice("cough", "cough"), Choice("pain", "pain")))
    result = symptoms.capture("Only pain and no fever.", today=TODAY)
    assert isinstance(result, Captured)
    assert result.value == ("pain",)
