"""Whether a caller was heard to want to stop, to pause, or a person."""

from __future__ import annotations

import pytest

from nova_agent.capture import asks_back, wants


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


def test_a_day_that_is_asked_for_is_an_answer_and_no_wish_to_pause() -> None:
    assert wants("pause", "Tomorrow.")
    assert not wants("pause", "Tomorrow.", answered=True)
    assert wants("stop", "Yes, but I have to go now.", answered=True)


@pytest.mark.parametrize(
    "words", ["What do you mean?", "Sorry, what was that?", "Why do you ask?", "Which options are there?"]
)
def test_a_counter_question_is_no_answer(words: str) -> None:
    assert asks_back(words)


@pytest.mark.parametrize("words", ["The wait, for example.", "What I liked was the staff.", "Nobody told me why.", ""])
def test_free_text_is_no_counter_question(words: str) -> None:
    assert not asks_back(words)
