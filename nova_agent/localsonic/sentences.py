"""Cuts an answer into the sentences that are spoken one by one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# Words whose full stop does not end a sentence.
_ABBREVIATIONS: Final = frozenset(
    (
        *("dr", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "gen", "rev", "hon"),
        *("vs", "approx", "dept", "est", "inc", "ltd", "co", "e.g", "i.e"),
        *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
    )
)
_CANDIDATE: Final = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|\n+")
_LAST_WORD: Final = re.compile(r"([\w.]+)\.$")


def split_sentences(text: str) -> list[str]:
    """Return the sentences without blanks around them; "Dr. Lee is in at 3.5 minutes." stays whole."""
    sentences: list[str] = []
    start = 0
    for match in _CANDIDATE.finditer(text):
        candidate = text[start : match.end()].strip()
        is_line = "\n" in match.group()
        if candidate and (is_line or not _continues(candidate, text[match.end() :])):
            sentences.append(candidate)
            start = match.end()
    rest = text[start:].strip()
    return [*sentences, rest] if rest else sentences


def _continues(candidate: str, rest: str) -> bool:
    if rest[:1].islower():
        return True
    word = _LAST_WORD.search(candidate)
    if word is None:
        return False
    last = word.group(1).lower()
    if last == "no":  # "No. 5" is a number, "No. That is wrong." an answer
        return rest[:1].isdigit()
    is_initial = len(last) == 1 and last.isalpha() and last != "i"
    return last in _ABBREVIATIONS or is_initial


def within(sentences: list[str], limit_tokens: int, tokens: Callable[[str], int]) -> list[str]:
    """Cut an answer where it reaches ``maxTokens``, in mid-sentence if need be."""
    kept: list[str] = []
    left = limit_tokens
    for sentence in sentences:
        if tokens(sentence) > left:
            words = sentence.split()
            while words and tokens(" ".join(words)) > left:
                words.pop()
            return [*kept, " ".join(words)] if words else kept
        kept.append(sentence)
        left -= tokens(sentence)
    return kept
