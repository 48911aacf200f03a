"""Spoken English brought to one spelling, so that two transcripts of the same words compare equal."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from nova_agent.simulate.numbers import digits_apart

_FILLERS: Final = frozenset({"um", "umm", "uh", "uhm", "er", "erm", "hmm", "hm", "mm", "ah"})
_SPELLINGS: Final = {
    "okay": "ok",
    "dr": "doctor",
    "mr": "mister",
    "mrs": "missus",
    "alright": "all right",
    "yeah": "yes",
    "yep": "yes",
    "cannot": "can not",
    "goodbye": "good bye",
}
_CONTRACTIONS: Final = (
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"\b(it|that|what|there|here|how|who|where|he|she)'s\b"), r"\1 is"),
)
_TYPOGRAPHY: Final = str.maketrans({"\u2019": "'", "\u2018": "'", "\u2013": "-", "\u2014": " ", "\u2026": " "})
_SYMBOLS: Final = (
    (re.compile(r"\$(\d[\d,.]*\d|\d)"), r"\1 dollars"),
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),
    (re.compile(r"(?<=\d)\.(?=\d)"), " point "),
    (re.compile(r"\be-mail"), "email"),
    (re.compile(r"%"), " percent "),
    (re.compile(r"&"), " and "),
    (re.compile(r"@"), " at "),
    (re.compile(r"(?<=[a-z0-9]{2})\.(?=[a-z]{2})"), " dot "),
    (re.compile(r"(?<=\d)(am|pm)\b"), r" \1"),
    (re.compile(r"\b([a-z])\.(?=[a-z]\b)"), r"\1"),
)


def normalise(text: str, *, numbers: bool = True) -> str:
    """Return ``text`` in lower case, without punctuation and fillers, and ``numbers`` as digits one by one.

    ``"Ten out of 10, um, March 14th, 1985."`` becomes ``"1 0 out of 1 0 march 1 4 1 9 8 5"``.
    """
    lowered = _ascii(text).lower()
    for pattern, replacement in (*_SYMBOLS, *_CONTRACTIONS):
        lowered = pattern.sub(replacement, lowered)
    words = re.sub(r"[^a-z0-9]+", " ", lowered.replace("'", "")).split()
    spelled = " ".join(_SPELLINGS.get(word, word) for word in words if word not in _FILLERS)
    return " ".join(digits_apart(spelled.split())) if numbers else spelled


def _ascii(text: str) -> str:
    """Replace typographic characters: curly quotes and dashes by plain ones, accents by their letters."""
    straight = text.translate(_TYPOGRAPHY)
    return unicodedata.normalize("NFKD", straight).encode("ascii", "ignore").decode("ascii")
