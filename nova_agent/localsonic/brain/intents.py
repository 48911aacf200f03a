"""Finds what a caller wants instead of answering: skip, back, change, pause, repeat, person, stop, switch.

Lexical and nothing more. A match is looked for clause by clause; how much else the clause may hold depends on
the phrase's class in the lexicon and on what was asked, because nearly everything is an answer to an open question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from nova_agent.localsonic.brain.lexicon import Lexicon, Phrase, lexicons
from nova_agent.localsonic.brain.vocabulary import DETERMINERS, FILLERS, LIGHT, QUESTION_WORDS
from nova_agent.localsonic.brain.words import Clause, Utterance, sound, stem

FUZZY_RATIO: Final = 88
FUZZY_LENGTH: Final = 6
SOUND_LENGTH: Final = 3
"""Shorter Metaphone codes collide: "pass", "pause" and "pays" are all PS."""

ASIDE_WORDS: Final = 3
"""So many words of substance may stand beside a wish where an open answer is asked: "Skip, no opinion on that"."""

_INTERJECTIONS: Final = FILLERS | {"wait", "hold on", "hang on", "hold", "one moment", "one second"}
"""What may merely open another wish: "Hold on, I need to change my answer"."""

_LIGHT_STEMS: Final = frozenset(stem(word) for word in LIGHT)


@dataclass(frozen=True, slots=True)
class Wish:
    """An intent found in clause ``clause``.

    ``whole`` means that clause holds nothing else; ``plain`` that the words leave no doubt wherever they stand;
    ``by_sound`` that it was recognised only by what the ears tend to make of it.
    """

    intent: str
    clause: int
    whole: bool
    plain: bool = False
    by_sound: bool = False
    phrase: str = ""

    @property
    def weight(self) -> tuple[bool, bool, bool, bool, int, int]:
        """Orders the wishes of one utterance.

        Spelled before sounded, plain before not, "sorry" and the like last; then a clause of nothing else, the
        later clause ("Wait, what?" asks what), and the longest phrase.
        """
        return (
            not self.by_sound,
            self.plain,
            self.phrase not in _INTERJECTIONS,
            self.whole,
            self.clause,
            len(self.phrase),
        )


def find_wish(utterance: Utterance, *, open_text: bool) -> Wish | None:
    """The clearest wish in ``utterance``, or ``None``.

    ``open_text`` says that anything may be an answer: then only what is clear, short or leading counts.
    """
    wishes = [wish for wish in _spelled(utterance) if not open_text or _is_clear(wish, utterance)]
    if not wishes and utterance.is_short:
        wishes = list(_sounded(utterance, open_text=open_text))
    return max(wishes, key=lambda wish: wish.weight, default=None)


def _is_clear(wish: Wish, utterance: Utterance) -> bool:
    """Whether an open answer can be ruled out."""
    leads = not any(clause.content for clause in utterance.clauses[: wish.clause])
    if wish.plain:
        return leads or wish.clause == len(utterance.clauses) - 1
    others = sum(len(clause.content) for clause in utterance.clauses[wish.clause + 1 :])
    return wish.whole and leads and others <= ASIDE_WORDS and not _is_noun(wish, utterance.clauses[wish.clause])


def _is_noun(wish: Wish, clause: Clause) -> bool:
    """A determiner makes a thing of a single word: "The wait." names what was bad, "Wait." asks for time."""
    pairs = zip(clause.tokens, clause.tokens[1:], strict=False)
    return any(before in DETERMINERS and word == wish.phrase for before, word in pairs)


def _spelled(utterance: Utterance) -> Iterator[Wish]:
    for lexicon in lexicons().values():
        for index, clause in enumerate(utterance.clauses):
            yield from _in_clause(lexicon, index, clause)


def _in_clause(lexicon: Lexicon, index: int, clause: Clause) -> Iterator[Wish]:
    for phrase in lexicon.anywhere:
        for match in _matches(phrase, clause):
            whole = _rest_is_light(clause, match)
            yield Wish(lexicon.intent, index, whole, plain=_leads(clause, match) or whole, phrase=phrase.text)
    for phrase in lexicon.lead:
        for match in _matches(phrase, clause):
            if _leads(clause, match):
                yield Wish(lexicon.intent, index, _rest_is_light(clause, match), phrase=phrase.text)
    for phrase in lexicon.alone:
        if any(_rest_is_light(clause, match) for match in _matches(phrase, clause)) or _nearly(phrase, clause):
            yield Wish(lexicon.intent, index, whole=True, phrase=phrase.text)


def _matches(phrase: Phrase, clause: Clause) -> Iterator[re.Match[str]]:
    text = f" {' '.join(clause.reduced)} " if phrase.is_word else clause.stems
    return phrase.pattern.finditer(text)


def _leads(clause: Clause, match: re.Match[str]) -> bool:
    """Only words without a subject stand before the phrase."""
    return all(word in LIGHT or word in _LIGHT_STEMS for word in match.string[: match.start()].split())


def _rest_is_light(clause: Clause, match: re.Match[str]) -> bool:
    rest = match.string[: match.start()] + match.string[match.end() :]
    return all((word in LIGHT or word in _LIGHT_STEMS) and word not in QUESTION_WORDS for word in rest.split())


def _nearly(phrase: Phrase, clause: Clause) -> bool:
    """A slip of the ears in a phrase that is the whole clause, as in "Say agin."; its first word must be right."""
    heard = " ".join(clause.reduced)
    if len(heard) < FUZZY_LENGTH or not heard.startswith(phrase.text.split()[0]):
        return False
    return fuzz.ratio(heard, phrase.text) >= FUZZY_RATIO


def _sounded(utterance: Utterance, *, open_text: bool) -> Iterator[Wish]:
    """What the ears make of a lone spoken word, from the lexicon or by its Metaphone code.

    As an answer to an open question only the bare word of the lexicon counts: "A bag." and "Council." are answers.
    """
    whole = " ".join(utterance.tokens)
    core = [token for token in utterance.tokens if token not in LIGHT]
    heard = whole if open_text or not core else " ".join(core)
    for lexicon in lexicons().values():
        known = not {whole, heard}.isdisjoint(lexicon.heard_as)
        if known or (not open_text and len(core) == 1 and _sounds_like(core[0], lexicon)):
            yield Wish(lexicon.intent, 0, whole=True, by_sound=True, phrase=heard)


def _sounds_like(word: str, lexicon: Lexicon) -> bool:
    code = sound(word)
    return len(code) >= SOUND_LENGTH and any(phrase.is_word and sound(phrase.text) == code for phrase in lexicon.alone)
