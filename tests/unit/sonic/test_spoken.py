"""What of an answer has been heard when it was cut off."""

from __future__ import annotations

import pytest

from nova_agent.sonic.spoken import SpokenAnswers


@pytest.fixture
def spoken() -> SpokenAnswers:
    answers = SpokenAnswers()
    answers.add_text("a", "Thank you.")
    answers.add_audio("a", 0.5)
    answers.add_audio("a", 0.5)
    answers.add_text("a", "How did you contact us?")
    answers.add_audio("a", 2.0)
    return answers


@pytest.mark.parametrize(
    ("played_s", "heard"),
    [
        (0.0, ""),
        (0.5, "Thank"),
        (1.0, "Thank you."),
        (2.2, "Thank you. How did you"),
        (9.0, "Thank you. How did you contact us?"),
    ],
)
def test_the_words_follow_the_audio(spoken: SpokenAnswers, played_s: float, heard: str) -> None:
    assert spoken.heard("a", played_s) == heard


def test_an_answer_that_is_not_known_has_no_words(spoken: SpokenAnswers) -> None:
    assert spoken.heard("b", 1.0) is None


def test_only_a_few_answers_are_remembered(spoken: SpokenAnswers) -> None:
    for number in range(8):
        spoken.add_text(f"later-{number}", "Hello.")
    assert spoken.heard("a", 1.0) is None
