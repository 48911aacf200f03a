"""Whether the agent was heard to say a phrase, tolerant of what ears get wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

from nova_agent.simulate.normalise import normalise

_LIKENESS: Final = 80.0
"""Partial likeness (0–100) from which a phrase counts as heard."""
_SHORT_PHRASE: Final = 8
_SHORT_LIKENESS: Final = 90.0
"""A short phrase finds a chance likeness in almost any sentence ("right" in "night"), so it must fit better."""


def where_heard(phrases: Sequence[str], heard: str) -> int | None:
    """Return where in ``heard`` (normalised, in characters) the last of ``phrases`` to be heard ends, or None.

    Words are compared as they are as well, because a mishearing may turn a word into a number: "since one" for
    "since when".
    """
    text, plain = normalise(heard), normalise(heard, numbers=False)
    ends = [_end_of(normalise(phrase), text) for phrase in phrases]
    for phrase in phrases:
        end = _end_of(normalise(phrase, numbers=False), plain)
        ends.append(None if end is None else round(end * len(text) / len(plain)))
    return max((end for end in ends if end is not None), default=None)


def _end_of(phrase: str, text: str) -> int | None:
    # The likeness is partial in either direction: a text shorter than the phrase would match as a part of it.
    if not phrase or len(text) < len(phrase) * _LIKENESS / 100:
        return None
    found = fuzz.partial_ratio_alignment(phrase, text)
    wanted = _SHORT_LIKENESS if len(phrase) < _SHORT_PHRASE else _LIKENESS
    if found is None or found.score < wanted:
        return None
    return found.dest_end if len(phrase) <= len(text) else len(text)
