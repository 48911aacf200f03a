"""Holds what the model handed over against what the caller was heard to say.

The model may paraphrase, normalise or invent. A value counts as the caller's only if the caller's own words
carry it; anything else is at most a supposition that the caller has to confirm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from nova_agent.capture import Captured, Kind, NotCaptured, OpenText, YesNo, grounded


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)


_REFUSAL: Final = _pattern(
    r"(?:i'?d|i would) (?:rather|prefer) not(?: to)?",
    r"prefer not to",
    r"(?:don't|do not|won't) (?:want|wish|like|care) to",
    r"(?:not|don't feel) (?:comfortable|like) (?:saying|answering|telling|sharing)",
    r"(?:won't|will not|not going to|don't|do not) (?:say|tell|answer|give|share)",
    r"not (?:saying|telling|answering|giving|sharing|handing)",
    r"keep (?:that|it|this) to myself",
    r"none of your business|no comment|that's private|(?:too )?personal",
    r"skip(?: it| this| that)?|pass on (?:that|this)",
)
_LACK: Final = _pattern(
    r"(?:don't|do not) (?:know|remember|recall)|no idea|not sure|can'?t (?:say|remember|recall)",
    r"(?:don't|do not|haven't|have not) (?:have|got) (?:one|any|a|an)|nothing|none(?: of (?:them|these|those))?",
)
_KEEP: Final = _pattern(
    r"(?:keep|leave) (?:it|that|this)(?: as it (?:is|was))?",
    r"(?:it|that)(?:'s| is) (?:still )?(?:right|correct|fine|okay)",
    r"(?:the )?same(?: as before)?|no change|don't change(?: it| that)?",
)
_FRAME: Final = _pattern("um|uh|well|sorry|please|oh|i|think|just|let's|can|we|answer|say|that|this|question")
_NO_FIRST: Final = re.compile(r"^\W*(?:(?:um|uh|er|well|oh)\W+)*(?:no|nope|nah|not)\b", re.IGNORECASE)
_HARMLESS: Final = frozenset({"hedged"})
"""Doubts that a yes may have and still be a yes: "I think so"."""


@dataclass(frozen=True, slots=True)
class Speech:
    """One tool call's words beside everything the caller was heard to say since the ask opened."""

    words: str
    heard: str
    today: date
    region: str

    def capture(self, kind: Kind, text: str) -> Captured[Any] | NotCaptured:
        return kind.capture(text, today=self.today, region=self.region)

    def carries(self, text: str, kind: Kind) -> bool:
        """Whether ``text`` is grounded in what was heard, taken as one answer of this kind."""
        return grounded(text, self.heard, kind, today=self.today, region=self.region)

    def includes(self, text: str, kind: Kind) -> bool:
        """Whether ``text`` is grounded in what was heard when other answers stand beside it.

        Then the whole of it may read as another value, so every single word heard counts as well.
        """
        return self.carries(text, kind) or all(self.carries(word, OpenText()) for word in text.split())

    def handing(self, words: str) -> Speech:
        """The same moment with other words handed over."""
        return Speech(words, self.heard, self.today, self.region)


@dataclass(frozen=True, slots=True)
class Understood:
    """A value that the caller's own ``words`` carry."""

    captured: Captured[Any]
    words: str


@dataclass(frozen=True, slots=True)
class Supposed:
    """A value that only the model's wording carries: nothing to write before the caller says yes."""

    captured: Captured[Any]
    words: str


def read(kind: Kind, speech: Speech) -> Understood | Supposed | NotCaptured:
    """Find the caller's answer, preferring the words handed over, then what was heard, then a supposition."""
    handed = speech.capture(kind, speech.words)
    if isinstance(handed, Captured) and speech.carries(speech.words, kind):
        return Understood(handed, speech.words)
    own = speech.capture(kind, speech.heard)
    if isinstance(own, Captured):
        return Understood(Captured(own.value, own.read_back, own.doubts), speech.heard)
    if isinstance(handed, Captured):
        return Supposed(handed, speech.heard)
    return own if handed.reason == "empty" else handed


def verdict(speech: Speech) -> Captured[Any] | None:
    """The caller's own yes or no to "is that right?"; ``None`` when there is no clear one.

    "No, I meant yes" is no yes to the question: after a leading no only a no counts.
    """
    heard = speech.capture(YesNo(), speech.heard)
    last = speech.heard.strip().rpartition("\n")[2]
    if isinstance(heard, NotCaptured) and last != speech.heard:
        # What came before was asked again about already ("Sorry, I didn't catch that").
        return verdict(replace(speech, heard=last))
    if isinstance(heard, NotCaptured) or not set(heard.doubts) <= _HARMLESS:
        return None
    return None if heard.value and _NO_FIRST.match(speech.heard) else heard


def declines(heard: str) -> bool:
    """Whether the caller was heard to say no."""
    said = YesNo().capture(heard, today=date.min)
    return isinstance(said, Captured) and not said.value


def without_no(text: str) -> str:
    """What the caller said after a leading no."""
    return _NO_FIRST.sub("", text, count=1).lstrip(" ,.;:!?-")


def refuses(text: str, *, wholly: bool = False) -> bool:
    """Whether the caller declines to answer; ``wholly`` asks that nothing else was said."""
    return _found(_REFUSAL, text, wholly=wholly)


def lacks(text: str) -> bool:
    """Whether the caller has nothing to answer with: does not know, or has none."""
    return _found(_LACK, text, wholly=False)


def keeps(text: str, *, wholly: bool = False) -> bool:
    """Whether the caller wants an earlier answer left as it is."""
    return _found(_KEEP, text, wholly=wholly)


def _found(pattern: re.Pattern[str], text: str, *, wholly: bool) -> bool:
    plain = text.replace("’", "'")
    if not wholly:
        return pattern.search(plain) is not None
    left_over, found = pattern.subn("", plain)
    return bool(found) and not re.search(r"\w", _FRAME.sub("", left_over))
