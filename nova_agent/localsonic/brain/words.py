"""What the ears wrote, made comparable: lower case, no contractions, tokens, clauses, stems, sounds.

The ears punctuate and capitalise ("Go Back.", "Eight, and yes I would."). Punctuation is the best hint there is
of where one thing the caller wants ends and the next begins, so an utterance is kept as clauses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import jellyfish
import snowballstemmer

from nova_agent.localsonic.brain.vocabulary import AUXILIARIES, DETERMINERS, FILLERS, HESITATIONS, LIGHT, QUESTION_WORDS

_stemmer = snowballstemmer.stemmer("english")

_CONTRACTIONS: Final = (
    (r"\ball right\b", "alright"),
    (r"\bwhy not\b", "whynot"),
    (r"\bcannot\b", "can not"),
    (r"\bcan't\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"\blet's\b", "let us"),
    (r"\bgonna\b", "going to"),
    (r"\bgotta\b", "got to"),
    (r"\bwanna\b", "want to"),
    (r"\blemme\b", "let me"),
    (r"n't\b", " not"),
    (r"'re\b", " are"),
    (r"'ve\b", " have"),
    (r"'ll\b", " will"),
    (r"'d\b", " would"),
    (r"'m\b", " am"),
    (r"'s\b", " is"),
)
_HEARD_ALIKE: Final = str.maketrans("0VLZ", "FFRS")
_CLAUSE_END: Final = re.compile(r"[.,;:!?…—]+(?=\s|$)|\s[-–]\s|\bbut\b")
_TOKEN: Final = re.compile(r"[^\W_]+(?:[.@'+][^\W_]+)*|[@+]")


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """English stem of one lower-case word."""
    return str(_stemmer.stemWord(word))


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """Metaphone code of one word; empty for what is no Latin word."""
    return str(jellyfish.metaphone(word)) if word.isascii() and word.isalpha() else ""


def coarse_sound(word: str) -> str:
    """Metaphone code in which what the ears take for one another is one: th and f, l and r, z and s.

    Measured on short words: "four" comes as "Thore" and "Floy", "phone" as "Thone", "pool" as "Poor".
    """
    return sound(word).translate(_HEARD_ALIKE)


def plain(text: str) -> str:
    """Lower case, straight apostrophes, contractions written out."""
    lowered = text.lower().replace("’", "'").replace("‘", "'")
    for pattern, full in _CONTRACTIONS:
        lowered = re.sub(pattern, full, lowered)
    return lowered


def tokens_of(text: str) -> tuple[str, ...]:
    """The words of ``text`` after :func:`plain`; hyphens separate, dots inside an address do not."""
    return tuple(_TOKEN.findall(plain(text)))


def reduced(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Without determiners that another word follows: "say that again" and "say again" are one phrase."""
    return tuple(token for index, token in enumerate(tokens) if token not in DETERMINERS or index == len(tokens) - 1)


def stems_of(tokens: tuple[str, ...]) -> str:
    """Stems joined by blanks with a blank at both ends, so that whole words can be searched for."""
    return " " + "".join(f"{stem(token)} " for token in tokens)


@dataclass(frozen=True)
class Clause:
    """A stretch between two punctuation marks."""

    tokens: tuple[str, ...]
    asks: bool = False
    """A question mark closes it."""

    @cached_property
    def reduced(self) -> tuple[str, ...]:
        return reduced(self.tokens)

    @cached_property
    def stems(self) -> str:
        return stems_of(self.reduced)

    @property
    def content(self) -> tuple[str, ...]:
        return tuple(token for token in self.tokens if token not in LIGHT)


@dataclass(frozen=True)
class Utterance:
    """One caller turn. ``text`` is what was heard, untouched: that is what tools get."""

    text: str

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        lowered, found, start = plain(self.text), [], 0
        for mark in _CLAUSE_END.finditer(lowered):
            found.append(Clause(tuple(_TOKEN.findall(lowered[start : mark.start()])), asks="?" in mark.group()))
            start = mark.end()
        found.append(Clause(tuple(_TOKEN.findall(lowered[start:]))))
        return tuple(clause for clause in found if clause.tokens)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return tuple(token for clause in self.clauses for token in clause.tokens)

    @cached_property
    def content_stems(self) -> frozenset[str]:
        """Stems of the words that have a subject."""
        return content_stems(self.text)

    @property
    def is_short(self) -> bool:
        """One to three words: the length at which ears err most, having no context."""
        return 1 <= len(self.tokens) <= 3

    @property
    def is_noise(self) -> bool:
        """No word at all, or hesitation only."""
        return all(token in HESITATIONS for token in self.tokens)

    @property
    def is_question(self) -> bool:
        """It ends in a question mark, or starts like a question and not like a statement."""
        core = [token for token in self.tokens if token not in FILLERS]
        if not core:
            return False
        starts = core[0] in QUESTION_WORDS or (core[0] in AUXILIARIES and "you" in core[1:3])
        return starts or self.clauses[-1].asks


def content_stems(text: str) -> frozenset[str]:
    """Stems of the words of ``text`` that carry a subject."""
    return frozenset(stem(token) for token in tokens_of(text) if token not in LIGHT and token not in QUESTION_WORDS)
