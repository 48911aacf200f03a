"""Choices named by their place in the list: "the second one", "option two", "the last", "B", "A and C"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nova_agent.capture.numbers import number_at
from nova_agent.capture.phrases import word_set
from nova_agent.capture.speech import Tokens, trim, words_of

_MARKERS: Final = word_set("option options number choice answer letter item")
_CONNECTING: Final = word_set("and or plus the also one ones option number letter choice both")
_LETTER_SOUNDS: Final = {
    "ay": "a", "hey": "a", "eh": "a", "be": "b", "bee": "b", "see": "c", "sea": "c", "cee": "c", "dee": "d",
    "ee": "e", "ef": "f", "gee": "g", "alpha": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """The choice at ``index``, named in ``tokens[start:end]``. ``bare`` is a lone number: "two"."""

    index: int
    start: int
    end: int
    bare: bool = False


def said_places(tokens: Tokens, count: int) -> tuple[Place, ...]:
    """The places in a list of ``count`` choices that an utterance names, in the order in which they were said."""
    marked = tuple(place for place in _marked(tokens, count) if 0 <= place.index < count)
    return marked or tuple(place for place in _unmarked(tokens, count) if 0 <= place.index < count)


def _marked(tokens: Tokens, count: int) -> Iterator[Place]:
    """Ordinals, and numbers or letters after "option"; a list goes on: "options A and C"."""
    words = words_of(tokens)
    listing = False
    position = 0
    while position < len(words):
        span = number_at(tokens, position)
        if words[position] in _MARKERS:
            listing = True
        elif words[position] == "last":
            yield Place(count - 1, position, _past_one(words, position + 1))
        elif span is not None and (span.ordinal or listing):
            end = _past_one(words, span.end)
            yield Place(span.value - 1, position, end)
            position = end - 1
        elif listing and (letter := _letter(words[position])) is not None:
            yield Place(letter, position, position + 1)
        elif words[position] not in _CONNECTING:
            listing = False
        position += 1


def _unmarked(tokens: Tokens, count: int) -> Iterator[Place]:
    """Letters or numbers that are the whole answer: "B.", "A and C", "two"."""
    words = words_of(tokens)
    kept = [index for index, word in enumerate(words) if word not in _CONNECTING or word == "one"]
    if not kept:
        return
    if all(_letter(words[index]) is not None for index in kept):
        yield from (Place(_letter(words[index]) or 0, index, index + 1) for index in kept)
        return
    answer = trim(tokens)
    span = number_at(answer, 0) if answer else None
    if span is not None and span.end == len(answer):
        start = tokens.index(answer[0])
        yield Place(span.value - 1, start, start + span.end, bare=True)


def _letter(word: str) -> int | None:
    letter = _LETTER_SOUNDS.get(word, word)
    return ord(letter) - ord("a") if len(letter) == 1 and "a" <= letter <= "z" else None


def _past_one(words: tuple[str, ...], position: int) -> int:
    return position + (position < len(words) and words[position] in ("one", "option", "choice", "answer"))
