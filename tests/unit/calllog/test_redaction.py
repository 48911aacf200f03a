"""What is masked before it is written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from nova_agent.calllog import Redactor

MASKED = {
    "call me at four one five five five five two six seven one": "call me at ‹phone›",
    "my number is 415-555-2671.": "my number is ‹phone›.",
    "+1 (415) 555-2671, please": "‹phone›, please",
    "it is four fifteen, five fifty five, twenty six seventy one": "it is ‹phone›",
    "double five five oh one two three": "‹phone›",
    "four one five, um, five five five and two six seven one": "‹phone›",
    "one eight hundred five five five one two": "‹phone›",
    "415 555 2671ext5": "‹phone›ext5",
    "sip_+14155552671": "sip_+‹phone›",
    "write to a.b+c@mail.example.co.uk today": "write to ‹email› today",
    "john dot smith at gmail dot com": "‹email›",
    "it's j o h n at gmail.com": "it's ‹email›",
    "anna underscore b at my company dot co dot uk": "‹email›",
    "anna@example dot com": "‹email›",
    "my card is 4111 1111 1111 1111 thanks": "my card is ‹card› thanks",
    "4111-1111-1111-1111": "‹card›",
    "four one one one one one one one one one one one one one one one": "‹card›",
    "4111 1111 1111 1112": "‹phone›",  # no card by its check digit, but still a long number
    "social is 078-05-1120": "social is ‹id›",
    "pay to GB82 WEST 1234 5698 7654 32 and thanks": "pay to ‹id› and thanks",
    "DE89370400440532013000": "‹id›",
}

KEPT = [
    "",
    "seven",
    "I have one or two of them",
    "see you at two thirty or four fifteen",
    "on 2026-11-05T14:00:00+01:00",
    "on 12/11/2026 at 10:30",
    "that makes 1,250,000 in all",
    "november fifth twenty twenty six at ten thirty",
    "run 550e8400-e29b-41d4-a716-446655440000",
    "look at this",
    "I was at home. Then I left.",
    "order 123456",
]


@pytest.mark.parametrize(("said", "kept"), MASKED.items())
def test_numbers_and_addresses_are_masked(said: str, kept: str) -> None:
    assert Redactor().text(said) == kept


@pytest.mark.parametrize("said", KEPT)
def test_other_words_stay(said: str) -> None:
    assert Redactor().text(said) == said


@pytest.mark.parametrize("said", MASKED)
def test_none_changes_nothing(said: str) -> None:
    redactor = Redactor("none")
    redactor.add_private(said)
    redactor.private_ask = True
    assert redactor.text(said) == redactor.caller_text(said) == said


_FRAGMENTS = st.sampled_from(
    [*MASKED, *KEPT, "four", "5", "@", " at ", " dot ", "com", "‹phone›", "‹", "Ann", "555-", "GB82", "‹2 words›"]
)


@given(
    st.lists(st.one_of(_FRAGMENTS, st.text(max_size=8)), max_size=8).map(" ".join),
    st.sampled_from(["default", "strict"]),
)
def test_redacting_twice_is_redacting_once(said: str, level: str) -> None:
    redactor = Redactor("strict" if level == "strict" else "default")
    redactor.add_private("Ann", "phone", "Words of Mine")
    once = redactor.text(said)
    assert redactor.text(once) == once
    caller = redactor.caller_text(said)
    assert redactor.caller_text(caller) == caller


@pytest.mark.parametrize("pattern", ["1", "one ", "a ", "a-", "a.a", "x at ", "GB12 ", "a at b dot ", "1, ", "(", "+"])
def test_long_texts_take_little_time(pattern: str) -> None:
    began = time.perf_counter()
    Redactor().text(pattern * 10_000)
    assert time.perf_counter() - began < 2  # seconds; an exponential pattern would take for ever


def test_private_answers_are_masked_wherever_they_come_again() -> None:
    redactor = Redactor()
    redactor.add_private("12 Elm  Street, Springfield")
    assert redactor.text("So 12 elm street,   springfield it is") == "So ‹private› it is"


def test_the_parts_of_a_name_are_private_too() -> None:
    redactor = Redactor()
    redactor.add_private("Anna Lee Smith")
    assert (
        redactor.text("Thank you, anna. Smith's daughter, Annabel?")
        == "Thank you, ‹private›. ‹private›'s daughter, Annabel?"
    )


@pytest.mark.parametrize("text", ["", " ", "a"])
def test_what_is_too_short_to_be_private_is_ignored(text: str) -> None:
    redactor = Redactor()
    redactor.add_private(text)
    assert redactor.text("a b c") == "a b c"


def test_all_words_are_private_while_a_private_answer_is_awaited() -> None:
    redactor = Redactor()
    redactor.private_ask = True
    assert redactor.caller_text("well it is Anna") == "‹private›"
    assert redactor.text("May I have your name?") == "May I have your name?"
    redactor.private_ask = False
    assert redactor.caller_text("well it is Bob") == "well it is Bob"


@pytest.mark.parametrize(("said", "kept"), [("yes", "‹1 word›"), ("it is   a secret", "‹4 words›"), ("", "‹0 words›")])
def test_strict_counts_the_callers_words(said: str, kept: str) -> None:
    assert Redactor("strict").caller_text(said) == kept


def test_strict_masks_a_read_back_of_an_argument() -> None:
    redactor = Redactor("strict")
    assert redactor.arguments({"ask": "q1#2", "words": "next Tuesday"}) == {"ask": "q1#2", "words": "‹2 words›"}
    assert redactor.text("So that is next tuesday, right?") == "So that is ‹private›, right?"


def test_values_are_redacted_at_any_depth() -> None:
    value: JsonValue = {"a": ["415-555-2671", 7, None, True], "b": {"c": 4155552671, "d": 2.5}}
    assert Redactor().value(value) == {"a": ["‹phone›", 7, None, True], "b": {"c": "‹phone›", "d": 2.5}}
