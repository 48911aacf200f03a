"""Whether a caller was heard to want to stop, to pause, or a person."""

from __future__ import annotations

import pytest

from nova_agent.capture import wants


@pytest.mark.parametrize(
    "heard",
    [
        "Stop.",
        "I'd like to stop here.",
        "That’s enough, thanks.",
        "I have to go now.",
        "Okay, I'm done.",
        "Goodbye.",
        "I don't want to do this anymore.",
        "Can we do it another time?",
    ],
)
def test_a_wish_to_stop_is_heard(heard: str) -> None:
    assert wants("stop", heard)


@pytest.mark.parametrize("heard", ["Eight.", "Yes.", "By phone.", "The staff were friendly.", ""])
def test_an_answer_is_no_wish_to_stop_or_for_a_person(heard: str) -> None:
    assert not wants("stop", heard)
    assert not wants("pause", heard)


@pytest.mark.parametrize("heard", ["Can I talk to a real person?", "Get me an operator.", "I need some help here."])
def test_a_wish_for_a_person_is_heard(heard: str) -> None:
    assert wants("person", heard)


@pytest.mark.parametrize("heard", ["Eight.", "Yes.", "On the website."])
def test_an_answer_is_no_wish_for_a_person(heard: str) -> None:
    assert not wants("person", heard)
