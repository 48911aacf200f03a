from __future__ import annotations

import pytest

from nova_agent.localsonic.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("  \n ", []),
        ("Hello", ["Hello"]),
        ("Hello there. How are you?", ["Hello there.", "How are you?"]),
        ("Dr. Lee is in. Come at 3.5 hours.", ["Dr. Lee is in.", "Come at 3.5 hours."]),
        ("It opens at 9 a.m. and closes late. Bye!", ["It opens at 9 a.m. and closes late.", "Bye!"]),
        ("J. Smith called. OK?", ["J. Smith called.", "OK?"]),
        ("So do I. You too.", ["So do I.", "You too."]),
        ('He said "Stop!" Then he left.', ['He said "Stop!"', "Then he left."]),
        ("Wait… what? Yes.", ["Wait… what?", "Yes."]),
        ("First line\nSecond line", ["First line", "Second line"]),
        ("No. It is No. 5.", ["No.", "It is No. 5."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences
