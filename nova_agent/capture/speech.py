"""Recognised speech as tokens, without the words that carry no answer, and cut at the caller's corrections.

Tokens remember where they stood, so that whatever a reader does not consume can be given back in the caller's
own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nova_agent.capture.phrases import (
    CLAUSE_STARTS,
    CONNECTORS,
    EMPTY_WORDS,
    FIRM_CORRECTIONS,
    LEAD_INS,
    LOOSE_CORRECTIONS,
    TAILS,
)
from nova_agent.capture.result import Captured, Result

_WORD: Final = re.compile(
    r"(?<![\w-])-\d+(?![\w.])"  # a negative number
    r"|\d{1,3}(?:,\d{3})+(?![\d,])"  # 1,000
    r"|\d+\.\d+"  # 7.5
    r"|\d+(?:st|nd|rd|th)\b"  # 14th
    r"|\d+"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*",
    re.IGNORECASE,
)
_MOST_CORRECTIONS: Final = 4
_SPLIT_DAY: Final = re.compile(r"\b(to)-(day|morrow|night)\b", re.IGNORECASE)
_PAUSE: Final = re.compile(r"[,.;:!?…—–]|\s-\s|\.\.")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, where it stood in the text, and whether the caller paused after it."""

    word: str
    start: int
    end: int
    pause: bool = False


type Tokens = tuple[Token, ...]


def tokenise(text: str) -> Tokens:
    """Split recognised speech into words and numbers; hyphenated words come apart, but for "to-morrow"."""
    text = _SPLIT_DAY.sub(r"\1\2", text)
    matches = list(_WORD.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)][: len(matches)]
    return tuple(
        Token(
            word=match.group().lower().replace("’", "'"),
            start=match.start(),
            end=match.end(),
            pause=_PAUSE.search(text, match.end(), following) is not None,
        )
        for match, following in zip(matches, ends, strict=True)
    )


def words_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(token.word for token in tokens)


def phrase_at(words: Sequence[str], start: int, phrases: frozenset[tuple[str, ...]], longest: int = 6) -> int:
    """Return how many words the longest of ``phrases`` that begins at ``start`` has; 0 if there is none."""
    for length in range(min(longest, len(words) - start), 0, -1):
        if tuple(words[start : start + length]) in phrases:
            return length
    return 0


def trim(tokens: Tokens) -> Tokens:
    """Drop fillers, politeness and lead-ins such as "I'd say" or "my answer is" from both ends."""
    return trim_end(trim_start(tokens))


def trim_start(tokens: Tokens) -> Tokens:
    words = words_of(tokens)
    start = 0
    while start < len(words) and (length := _lead_in(words, start)):
        start += length
    return tokens[start:]


def trim_end(tokens: Tokens) -> Tokens:
    words = words_of(tokens)
    end = len(words)
    while end and (length := _tail(words[:end])):
        end -= length
    return tokens[:end]


def _lead_in(words: Sequence[str], start: int) -> int:
    return max(phrase_at(words, start, LEAD_INS), _statement_of_subject(words, start))


def _statement_of_subject(words: Sequence[str], start: int) -> int:
    """Match "my phone number is", "the answer would be": up to four words between the article and the verb."""
    if words[start] not in ("my", "the", "our", "that", "your"):
        return 0
    for length in range(2, 7):
        verb = words[start + length - 1 : start + length]
        if not verb:
            return 0
        if verb[0] in ("is", "was", "are"):
            return length
        if verb[0] in ("would", "will") and words[start + length : start + length + 1] == ("be",):
            return length + 1
    return 0


def _tail(words: Sequence[str]) -> int:
    for length in range(min(4, len(words)), 0, -1):
        if tuple(words[-length:]) in TAILS:
            return length
    return 0


def core(text: str) -> str:
    """The text between its fillers, in the caller's wording, without punctuation at the ends."""
    tokens = trim(tokenise(text))
    return text[tokens[0].start : tokens[-1].end] if tokens else ""


def rest_after(text: str, position: int) -> str:
    """What the caller said after ``position``; empty if only fillers, politeness or a lone word are left."""
    tokens = tokenise(text[position:])
    skipped = 0
    while skipped < len(tokens) and tokens[skipped].word in CONNECTORS:
        skipped += 1
    tokens = trim_end(tokens[skipped:])
    if sum(token.word not in EMPTY_WORDS for token in tokens) == 0 or len(tokens) < 2:
        return ""
    return text[position + tokens[0].start : position + tokens[-1].end]


@dataclass(frozen=True, slots=True)
class Correction:
    """A place where the caller took something back. ``firm`` is "no wait"; "actually" may mean nothing."""

    before: str
    after: str
    firm: bool


def corrections(text: str, *, bare_no: bool = True) -> Iterator[Correction]:
    """Yield the caller's last few corrections, last one first.

    ``bare_no`` reads a lone "no" between two things as a correction too ("ten, no, nine"); without it "no" is
    never a part of a correction's end, because it may be the answer.
    """
    tokens = tokenise(text)
    words = words_of(tokens)
    found: list[Correction] = []
    position = 0
    while position < len(words):
        length, firm = _correction_at(words, position)
        if not bare_no:
            length = _without_last_no(words, position, length)
        if not length and bare_no and words[position] == "no" and _stands_between(tokens, position):
            length = 1
        if length:
            after = position + length
            tail = text[tokens[after].start :] if after < len(tokens) else ""
            found.append(Correction(text[: tokens[position].start], tail, firm))
        position += length or 1
    return reversed(found[-_MOST_CORRECTIONS:])


def _correction_at(words: Sequence[str], position: int) -> tuple[int, bool]:
    if length := phrase_at(words, position, FIRM_CORRECTIONS):
        return length, True
    return phrase_at(words, position, LOOSE_CORRECTIONS), False


def _without_last_no(words: Sequence[str], position: int, length: int) -> int:
    """Where "no" is itself an answer, "sorry, no" corrects with "sorry" and answers with "no"."""
    while length and words[position + length - 1] == "no":
        length -= 1
    return length if tuple(words[position : position + length]) in FIRM_CORRECTIONS | LOOSE_CORRECTIONS else 0


def _stands_between(tokens: Tokens, position: int) -> bool:
    """A "no" that is set off by a pause, or has only a few words after it, takes back what stood before."""
    following = len(tokens) - position - 1
    if position == 0 or following == 0:
        return False
    return tokens[position - 1].pause or tokens[position].pause or following <= 3


def corrected[T](text: str, read: Callable[[str], Result[T]], *, bare_no: bool = True) -> Result[T]:
    """Read what follows the caller's last correction if that yields a value, or else the whole text.

    A correction that was begun and not finished ("ten, no wait") leaves the doubt ``unfinished-correction``.
    """
    unfinished = False
    for correction in corrections(text, bare_no=bare_no):
        if _is_new_clause(correction):
            continue
        result = read(correction.after)
        if isinstance(result, Captured):
            return result
        # A bare "no" may as well belong to the value: "there's no pain".
        if result.reason in ("out-of-range", "incomplete") or (correction.firm and result.reason == "ambiguous"):
            return result
        unfinished = unfinished or (correction.firm and not tokenise(correction.after))
    whole = read(text)
    if unfinished and isinstance(whole, Captured):
        return replace(whole, rest="").doubted("unfinished-correction")
    return whole


def _is_new_clause(correction: Correction) -> bool:
    """ "Eight, actually we came with two friends" goes on to something else; it corrects nothing."""
    following = trim_start(tokenise(correction.after))
    return not correction.firm and bool(following) and following[0].word in CLAUSE_STARTS
