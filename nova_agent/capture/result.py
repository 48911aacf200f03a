"""What an attempt to understand the caller comes to: a value with its doubts, or a reason and a hint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Reason = Literal[
    "empty", "not-understood", "out-of-range", "ambiguous", "incomplete", "too-long", "too-many", "too-few"
]


@dataclass(frozen=True, slots=True)
class Captured[T]:
    """A value that was understood.

    ``read_back`` is how to say it to the caller. ``doubts`` are short codes that say why the caller should
    confirm it; empty means sure. ``rest`` is what the caller went on to say, in the caller's own words.
    """

    value: T
    read_back: str
    doubts: tuple[str, ...] = ()
    rest: str = ""

    def doubted(self, *codes: str) -> Captured[T]:
        """The same value with further doubts, each listed once."""
        return replace(self, doubts=tuple(dict.fromkeys((*self.doubts, *codes))))


@dataclass(frozen=True, slots=True)
class NotCaptured:
    """No value. ``hint`` is a sentence for the caller; ``heard`` is the value as understood if it was refused."""

    reason: Reason
    hint: str
    heard: str = ""


type Result[T] = Captured[T] | NotCaptured
