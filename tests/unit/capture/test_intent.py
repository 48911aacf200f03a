"""What kind of repetition the caller wants."""

import pytest

from nova_agent.capture import repeat_kind

AGAIN = """
Sorry?|Say that again.|Can you repeat the question?|Pardon me?|What was that?|Come again|I didn't hear you
Repeat that please
"""
EXPLAIN = """
What do you mean?|What does that mean?|I don't understand the question.|Can you explain that?|I don't get it
Could you rephrase that?|Can you give me an example?|Why do you ask?|What do you mean by often|I'm confused
"""
CHOICES = """
What are my options?|What are the choices again?|Which options do I have|What can I say?|List the options please
What can I choose from?
"""
TABLE = [
    (words, kind)
    for kind, lines in (("again", AGAIN), ("explain", EXPLAIN), ("choices", CHOICES))
    for line in lines.split("\n")
    for words in line.split("|")
    if words
]


@pytest.mark.parametrize(("words", "kind"), TABLE)
def test_a_request_to_hear_it_again(words: str, kind: str) -> None:
    assert repeat_kind(words) == kind
