"""Whether what the model handed over was really said by the caller.

A model can make an answer up. Before a value is stored, the words it handed over are held against what was
heard of the caller.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from nova_agent.capture.digits import digit_runs, digits_of
from nova_agent.capture.kinds import Kind, OpenText
from nova_agent.capture.phrases import EMPTY_WORDS
from nova_agent.capture.result import Captured
from nova_agent.capture.sounds import alike, likeness
from nova_agent.capture.speech import tokenise, trim, words_of

_MOST: Final = 0.75
_OPEN_TEXT: Final = 0.6
_SAME: Final = 85.0
_FEWEST_DIGITS: Final = 3


def grounded(words: str, heard: str, kind: Kind, *, today: date, region: str = "US") -> bool:
    """Tell whether ``words``, which the model handed over, are backed by ``heard``, the caller's own words."""
    if not tokenise(heard) or not tokenise(words):
        return False
    if isinstance(kind, OpenText):
        return _contained(words, heard) >= _OPEN_TEXT
    given = kind.capture(words, today=today, region=region)
    said = kind.capture(heard, today=today, region=region)
    if isinstance(given, Captured) and isinstance(said, Captured):
        return bool(given.value == said.value)
    digits = _digits(words)
    if len(digits) >= _FEWEST_DIGITS:
        return digits in _digits(heard)
    return _contained(words, heard) >= _MOST


def fuzzy_same(left: str, right: str) -> bool:
    """Whether two short texts are the same but for fillers and what a recogniser may have got wrong."""
    texts = [" ".join(words_of(trim(tokenise(text))) or words_of(tokenise(text))) for text in (left, right)]
    return texts[0] == texts[1] or likeness(*texts) >= _SAME


def _contained(words: str, heard: str) -> float:
    """The share of the meaningful words that were heard, give or take an ending or a similar sound."""
    wanted = _meaningful(words)
    said = set(words_of(tokenise(heard)))
    return sum(any(alike(word, other) for other in said) for word in wanted) / len(wanted)


def _meaningful(text: str) -> list[str]:
    said = words_of(tokenise(text))
    return [word for word in said if word not in EMPTY_WORDS] or list(said)


def _digits(text: str) -> str:
    return "".join(digits_of(run) for run in digit_runs(tokenise(text)))
