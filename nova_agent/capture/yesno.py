"""Yes or no, in the many ways in which people say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nova_agent.capture.polarity import POLARITIES, STRONG, WEAK, Polarity
from nova_agent.capture.result import Captured, NotCaptured, Result
from nova_agent.capture.speech import Tokens, corrected, phrase_at, rest_after, tokenise, trim, trim_start, words_of

HINT: Final = "Please answer yes or no."
_KNOWN: Final = frozenset(POLARITIES)
_LONGEST: Final = max(map(len, POLARITIES))
_SOUND_ALIKES: Final = {
    "know": False,
    "now": False,
    "note": False,
    "yet": True,
    "yak": True,
    "guess": True,
    "yeas": True,
}
_CONNECTING: Final = frozenset({"and", "or", "but", "then"})


@dataclass(frozen=True, slots=True)
class Polar:
    """A phrase that says yes, no or neither, in ``tokens[start:end]``."""

    meaning: Polarity
    start: int
    end: int
    strong: bool
    weak: bool


def capture_yes_no(words: str) -> Result[bool]:
    """Understand a yes or a no. Not knowing and refusing are neither."""
    if not tokenise(words):
        return NotCaptured("empty", HINT)
    return corrected(words, _read, bare_no=False)


def _read(text: str) -> Result[bool]:
    tokens = tokenise(text)
    found = list(_polar_phrases(tokens))
    opening = _opening(tokens, found)
    answer = opening or next((polar for polar in found if polar.strong), None)
    if answer is None:
        return _sound_alike(tokens) or NotCaptured("not-understood", HINT)
    if answer.meaning.yes is None:
        return NotCaptured("not-understood", HINT)
    if any(_contradicts(tokens, answer, other) for other in found):
        return NotCaptured("ambiguous", "I heard both yes and no. Which one is it?")
    doubts = (("hedged",) if answer.meaning.hedged else ()) + (() if opening else ("buried",))
    end = tokens[_end_of_answer(found, answer) - 1].end
    return Captured(answer.meaning.yes, "yes" if answer.meaning.yes else "no", doubts, rest_after(text, end))


def _polar_phrases(tokens: Tokens) -> Iterator[Polar]:
    words = words_of(tokens)
    position = 0
    while position < len(words):
        length = phrase_at(words, position, _KNOWN, _LONGEST)
        phrase = words[position : position + length]
        if length and (not POLARITIES[phrase].short or _is_closed(tokens, position + length)):
            yield Polar(POLARITIES[phrase], position, position + length, phrase in STRONG, phrase in WEAK)
        position += length or 1


def _is_closed(tokens: Tokens, end: int) -> bool:
    """ "It was." is an answer; "It was cold" is a story."""
    return end == len(tokens) or tokens[end - 1].pause or not trim(tokens[end:])


def _opening(tokens: Tokens, found: list[Polar]) -> Polar | None:
    """The phrase that opens the utterance, past fillers; "okay" gives way to the answer that follows it."""
    for index, polar in enumerate(found):
        if trim_start(tokens[: polar.start]):
            return None
        gives_way = polar.weak and any(following.start == polar.end for following in found[index + 1 :])
        if not gives_way:
            return polar
    return None


def _contradicts(tokens: Tokens, answer: Polar, other: Polar) -> bool:
    """Whether another phrase says the opposite and stands alone, as in "no, yes" or "yes and no"."""
    if not other.strong or other.meaning.yes is None or other.meaning.yes == answer.meaning.yes:
        return False
    if answer.start == 0 and answer.weak:
        return False
    if other.start == answer.end:
        return True
    before = tokens[other.start - 1]
    return (before.pause or before.word in _CONNECTING) and _is_closed(tokens, other.end)


def _end_of_answer(found: list[Polar], answer: Polar) -> int:
    """Take "yes, I do" and "no, not really" as one answer."""
    end = answer.end
    for polar in found:
        if polar.start == end and polar.meaning.yes == answer.meaning.yes:
            end = polar.end
    return end


def _sound_alike(tokens: Tokens) -> Captured[bool] | None:
    """A lone "Know." was "no"."""
    words = words_of(trim(tokens))
    yes = _SOUND_ALIKES.get(words[0]) if len(words) == 1 else None
    return None if yes is None else Captured(yes, "yes" if yes else "no", ("sounds-like",))
