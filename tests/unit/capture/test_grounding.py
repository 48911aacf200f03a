"""Whether the model's words were the caller's."""

from datetime import date

import pytest

from nova_agent.capture import (
    Choice,
    Date,
    Email,
    Integer,
    Kind,
    OpenText,
    Phone,
    Scale,
    SingleChoice,
    YesNo,
    fuzzy_same,
    grounded,
)

TODAY = date(2026, 11, 18)
OFTEN = SingleChoice((Choice("weekly", "Weekly"), Choice("monthly", "Monthly")))


@pytest.mark.parametrize(
    ("words", "heard", "kind"),
    [
        ("8", "Um, eight out of ten.", Scale(0, 10)),
        ("nine", "Ten, no wait, nine.", Scale(0, 10)),
        ("true", "Yeah, sure.", YesNo()),
        ("no", "Not really.", YesNo()),
        ("1985-03-14", "The fourteenth of March, nineteen eighty five.", Date()),
        ("+14155552671", "four one five five five five two six seven one", Phone()),
        ("john.smith@example.com", "John Dot Smith at example dot com.", Email()),
        ("weekly", "Every week I think", OFTEN),
        ("The staff were friendly", "Well the staff was very friendly to us", OpenText()),
        (
            "friendly staff and quick service",
            "because the staff were so friendly and the service was quick",
            OpenText(),
        ),
        ("12345", "it is one two three four five", Integer(0, 100)),
    ],
)
def test_what_was_said_is_grounded(words: str, heard: str, kind: Kind) -> None:
    assert grounded(words, heard, kind, today=TODAY)


@pytest.mark.parametrize(
    ("words", "heard", "kind"),
    [
        ("8", "", Scale(0, 10)),
        ("", "eight", Scale(0, 10)),
        ("9", "Eight.", Scale(0, 10)),
        ("8", "I don't know, you tell me.", Scale(0, 10)),
        ("true", "No.", YesNo()),
        ("1985-03-15", "The fourteenth of March, nineteen eighty five.", Date()),
        ("+14155552672", "four one five five five five two six seven one", Phone()),
        ("+14155552671", "you can call me any time", Phone()),
        ("jane.doe@example.com", "John Dot Smith at example dot com.", Email()),
        ("john.smith@example.com", "I would rather not give it", Email()),
        ("monthly", "Every week I think", OFTEN),
        ("The food was excellent", "it was too loud in there", OpenText()),
    ],
)
def test_what_was_made_up_is_not_grounded(words: str, heard: str, kind: Kind) -> None:
    assert not grounded(words, heard, kind, today=TODAY)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Jon Smith", "john smith", True),
        ("um, Maria", "Maria.", True),
        ("Catherine", "Kathryn", True),
        ("Peter", "Maria", False),
        ("yes", "no", False),
    ],
)
def test_fuzzy_same(left: str, right: str, same: bool) -> None:
    assert fuzzy_same(left, right) is same
