"""How alike two words are: the same stem, nearly the same letters, or the same sound."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

_SPELLINGS: Final = (
    (re.compile(r"^(?:kn|gn|pn)"), "n"), (re.compile(r"^wr"), "r"), (re.compile(r"^x"), "s"),
    (re.compile(r"tch|ch|sh|ti(?=on)|ci(?=a)"), "x"), (re.compile(r"ph|gh(?=t)"), "f"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"g(?=[eiy])|dg"), "j"), (re.compile(r"ck|c|q"), "k"), (re.compile(r"z"), "s"),
    (re.compile(r"th"), "0"),
    (re.compile(r"v"), "f"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip
_VOWELS: Final = re.compile(r"(?<=.)[aeiouyhw]")
_SUFFIXES: Final = ("ingly", "edly", "ing", "ies", "ied", "ers", "ed", "er", "ly", "es", "s", "y")
_SHORTEST_STEM: Final = 3
_ALIKE: Final = 84.0
_SOUND_WEIGHT: Final = 0.92
_RELATED: Final = 60.0


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Cut a common English ending off: "friendly" and "friend" meet, as do "booked" and "booking"."""
    bare = word.removesuffix("'s")
    for suffix in _SUFFIXES:
        if bare.endswith(suffix) and len(bare) - len(suffix) >= _SHORTEST_STEM:
            return bare.removesuffix(suffix)
    return bare


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """A rough key of how a word sounds: its consonants, with letters that sound alike made equal."""
    key = word
    for pattern, replacement in _SPELLINGS:
        key = pattern.sub(replacement, key)
    return _VOWELS.sub("", key)


def alike(left: str, right: str) -> bool:
    """Whether a recogniser could have written one of two single words for the other."""
    if left == right or stem(left) == stem(right):
        return True
    if min(len(left), len(right)) < _SHORTEST_STEM or left.isdigit() or right.isdigit():
        return False
    return fuzz.ratio(left, right) >= _ALIKE or (len(sound(left)) >= _SHORTEST_STEM and sound(left) == sound(right))


def likeness(left: str, right: str) -> float:
    """0 to 100: how near two phrases are, by letters or by sound, whichever is nearer."""
    by_letters = fuzz.ratio(left, right)
    sounds = _phrase_sound(left), _phrase_sound(right)
    if min(map(len, sounds)) > 2:
        return max(by_letters, _SOUND_WEIGHT * fuzz.ratio(*sounds))
    return max(by_letters, 100 * _SOUND_WEIGHT) if sounds[0] == sounds[1] and by_letters >= _RELATED else by_letters


def _phrase_sound(phrase: str) -> str:
    return " ".join(sound(word) for word in phrase.split())
