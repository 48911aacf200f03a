"""What the caller does in which turn. Ten turns make a round, and a turn's number says what it is. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from benchmarks.faults.speech import TOOL_EVERY
from benchmarks.long_call.sounds import LONG_MS, SHORT_MS

ROUND: Final = 10
_INTERRUPTED: Final = 3
_TYPED: Final = 7
_MONOLOGUE: Final = 8
_AFTER_SILENCE: Final = 9


class Kind(StrEnum):
    """How a turn goes."""

    PLAIN = "question"
    TOOL = "question with a tool"
    INTERRUPTED = "question with a long answer"
    BARGE_IN = "question over that answer"
    TYPED = "typed question"
    MONOLOGUE = "20 s without a pause"
    AFTER_SILENCE = "question after 10 s of silence"


_KINDS: Final = {
    _INTERRUPTED: Kind.INTERRUPTED,
    _INTERRUPTED + 1: Kind.BARGE_IN,
    _TYPED: Kind.TYPED,
    _MONOLOGUE: Kind.MONOLOGUE,
    _AFTER_SILENCE: Kind.AFTER_SILENCE,
}


def kind_of(number: int) -> Kind:
    """What the caller does in this turn, unless a monologue is due."""
    if number % TOOL_EVERY == 0:
        return Kind.TOOL
    return _KINDS.get(number % ROUND, Kind.PLAIN)


def answer_tone_ms(number: int) -> int:
    """How long each tone of the answer is."""
    return LONG_MS if kind_of(number) is Kind.INTERRUPTED else SHORT_MS
