"""E-mail addresses."""

from datetime import date

import pytest

from nova_agent.capture import Captured, Email, NotCaptured

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    "words",
    [
        "John Dot Smith at example dot com.",
        "john.smith@example.com",
        "John.Smith@Example.com",
        "john dot smith at example.com",
        "John.Smith at Example.com.",
        "It's john dot smith at example dot com",
        "My email is john dot smith at example dot com, thank you.",
        "My email address is john.smith at example dot com",
        "you can reach me at john dot smith at example dot com",
        "Um, john dot smith, at, example dot com",
        "john dot smith at sign example dot com",
        "john dot smith at example dot calm",
        "john dot smyth, no wait, john dot smith at example dot com",
        "john dot smith at example dot com all lowercase",
        "JOHN DOT SMITH AT EXAMPLE DOT COM",
        "john period smith at example period com",
        "my name is John and my email is john dot smith at example dot com",
        "mailto john.smith@example.com",
    ],
)
def test_one_address_in_many_words(words: str) -> None:
    result = Email().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.read_back) == ("john.smith@example.com", "john dot smith at example dot com")
    assert result.doubts == ()


@pytest.mark.parametrize(
    ("words", "value", "doubts"),
    [
        ("j o h n at example dot com", "john@example.com", ("spelled",)),
        ("J-O-H-N at example dot com", "john@example.com", ("spelled",)),
        ("J. O. H. N. at example dot com", "john@example.com", ("spelled",)),
        ("J as in Juliet O H N at example dot com", "john@example.com", ("spelled",)),
        ("j for juliet o for oscar h n at example dot com", "john@example.com", ("spelled",)),
        ("juliet oscar hotel november at example dot com", "john@example.com", ("spelled",)),
        ("b i double l at example dot com", "bill@example.com", ("spelled",)),
        ("mike at example dot com", "mike@example.com", ()),
        ("oscar at example dot com", "oscar@example.com", ()),
        ("john smith at example dot com", "johnsmith@example.com", ("joined-words",)),
        ("john smith all one word at example dot com", "johnsmith@example.com", ()),
        ("john at gmail", "john@gmail.com", ("completed-domain",)),
        ("john at g mail dot com", "john@gmail.com", ()),
        ("john underscore smith at example dot com", "john_smith@example.com", ()),
        ("john under score smith at example dot com", "john_smith@example.com", ()),
        ("john dash smith at my dash company dot org", "john-smith@my-company.org", ()),
        ("john hyphen smith at example dot co dot uk", "john-smith@example.co.uk", ()),
        ("john plus news at example dot com", "john+news@example.com", ()),
        ("john twenty two at example dot com", "john22@example.com", ()),
        ("john one two three at example dot com", "john123@example.com", ()),
        ("john99 at example dot com", "john99@example.com", ()),
        ("john at gmial dot com", "john@gmial.com", ("uncommon-domain",)),
        ("john at example dot zebra", "john@example.zebra", ("uncommon-domain",)),
        ("info at mail dot example dot org", "info@mail.example.org", ()),
    ],
)
def test_addresses_and_their_doubts(words: str, value: str, doubts: tuple[str, ...]) -> None:
    result = Email().capture(words, today=TODAY)
    assert isinstance(result, Captured), result
    assert (result.value, result.doubts) == (value, doubts)


def test_a_doubtful_address_is_spelled_back() -> None:
    result = Email().capture("j o 4 at example dot com", today=TODAY)
    assert isinstance(result, Captured)
    assert result.read_back == "jo4 at example dot com, spelled j, o, four"


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("john dot smith example dot com", "I didn't hear the at"),
        ("john dot smith at", "I didn't hear the whole part after the at."),
        ("at example dot com", "I didn't hear the part before the at."),
        ("john at example", "I didn't hear the whole part after the at."),
    ],
)
def test_a_missing_part_is_named(words: str, missing: str) -> None:
    result = Email().capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "incomplete"
    assert result.hint.startswith(missing)


@pytest.mark.parametrize("words", ["banana", "I don't have one", "yes", "um"])
def test_what_is_no_address_is_not_understood(words: str) -> None:
    result = Email().capture(words, today=TODAY)
    assert isinstance(result, NotCaptured), result
    assert result.reason == "not-understood"


def test_keeps_what_follows_the_address() -> None:
    result = Email().capture("john at example dot com, but I rarely read it", today=TODAY)
    assert isinstance(result, Captured)
    assert (result.value, result.rest) == ("john@example.com", "but I rarely read it")
