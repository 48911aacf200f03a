"""Tokens, fillers and corrections."""

import pytest

from nova_agent.capture.speech import core, corrections, rest_after, tokenise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Twenty-six, please.", ["twenty", "six", "please"]),
        ("I’d say 7.5 or 1,000", ["i'd", "say", "7.5", "or", "1,000"]),
        ("The 14th. B2", ["the", "14th", "b", "2"]),
        ("-5 and 3-4", ["-5", "and", "3", "4"]),
        ("…", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert [token.word for token in tokenise(text)] == words


def test_a_token_knows_its_place_and_the_pause_after_it() -> None:
    first, second = tokenise("Ten, nine")
    assert (first.start, first.end, first.pause) == (0, 3, True)
    assert (second.start, second.end, second.pause) == (5, 9, False)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Um, well, I'd say a seven, I think.", "a seven"),
        ("My answer is blue, please.", "blue"),
        ("It's Tuesday.", "Tuesday"),
        ("Hmm.", ""),
        ("the name of it would be Rome", "Rome"),
    ],
)
def test_the_core_is_what_stands_between_fillers(text: str, kept: str) -> None:
    assert core(text) == kept


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("ten, no wait, nine", ["nine"]),
        ("no, I mean yes", ["yes"]),
        ("eight… actually seven", ["seven"]),
        ("one, scratch that, two, make that three", ["three", "two, make that three"]),
        ("ten, no, nine", ["nine"]),
        ("no problem at all for me today", []),
    ],
)
def test_corrections_come_last_first(text: str, after: list[str]) -> None:
    assert [correction.after for correction in corrections(text)] == after


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Eight, and because they were nice.", "because they were nice"),
        ("Eight, please.", ""),
        ("Eight, thank you very much", ""),
        ("Eight, um, so the soup was cold.", "the soup was cold"),
        ("Eight", ""),
    ],
)
def test_the_rest_is_what_means_something(text: str, rest: str) -> None:
    assert rest_after(text, len("Eight")) == rest
