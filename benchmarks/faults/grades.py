"""What the calls of a cell come to, in figures and in a few words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.faults.caller import CallSeen
from benchmarks.faults.cells import CallHeld
from benchmarks.faults.speech import TOOL_EVERY
from benchmarks.faults.tones import PARDON, PLEASANTRY, TONE_MS
from benchmarks.figures import Spread, spread

STALLED_MS: Final = 1_000.0
_TWICE: Final = 1.5
"""So much of an answer, by the number of times that it was asked for, has been said once too often."""


@dataclass(frozen=True, slots=True)
class Grade:
    """The calls of one cell together. Of ``turns`` some were ``answered``; ``repeated``: the caller had to ask again.

    ``silence_ms``: from the end of the question to the answer, over the turns that were answered. ``worst_ms``: the
    longest of each call, ``None`` where one never ended. ``twice``: answers that were said once too often.
    ``tool_twice``: tool runs beyond one for each time that it was asked. ``hung``: calls that did not close in time.
    ``stalled_ms``: the machine's worst pause.
    """

    turns: int
    answered: int
    repeated: int
    silence_ms: Spread | None
    worst_ms: Spread | None
    twice: int
    tool_twice: int
    hung: int
    stalled_ms: float
    endings: tuple[str, ...]


def grade(calls: Sequence[CallHeld], turns: int) -> Grade:
    """Grade the calls of a cell, each of ``turns`` turns; what was not asked any more was not answered."""
    seen = [call.seen for call in calls]
    heard = [turn.silence_ms for call in seen for turn in call.turns if turn.silence_ms is not None]
    return Grade(
        turns=turns * len(calls),
        answered=len(heard),
        repeated=sum(turn.asked > 1 for call in seen for turn in call.turns),
        silence_ms=spread(heard),
        worst_ms=spread(worst for call in calls if (worst := _worst_ms(call)) is not None),
        twice=sum(_said_twice(call) for call in calls),
        tool_twice=sum(_tool_twice(call) for call in calls),
        hung=sum(call.closed_s is None for call in calls),
        stalled_ms=max((call.stalled_ms for call in calls), default=0.0),
        endings=tuple(dict.fromkeys(call.ended for call in seen)),
    )


def _worst_ms(call: CallHeld) -> float | None:
    """The longest silence of a call in which nothing was lost."""
    silences = [turn.silence_ms for turn in call.seen.turns]
    return None if None in silences or not silences else max(silence for silence in silences if silence is not None)


def _asked(call: CallHeld) -> dict[int, int]:
    return {turn.number: turn.asked for turn in call.seen.turns}


def _said_twice(call: CallHeld) -> int:
    asked = _asked(call)
    answers = {number: ms for number, ms in call.seen.answers_ms.items() if number not in (PARDON, PLEASANTRY)}
    return sum(ms >= (asked.get(number, 0) - 1 + _TWICE) * TONE_MS for number, ms in answers.items())


def _tool_twice(call: CallHeld) -> int:
    asked = _asked(call)
    return sum(
        max(0, runs - asked.get(number, 0)) for number, runs in call.seen.tool_runs.items() if not number % TOOL_EVERY
    )


def words(found: Grade) -> str:
    """Write a cell: answered, repeated, how long the caller waited, and what else was wrong."""
    parts = [f"{found.answered}/{found.turns}", f"{found.repeated} again"]
    if found.silence_ms is not None:
        parts.append(f"{_seconds(found.silence_ms.p50)} / {_seconds(found.silence_ms.p95)} s")
        lost = found.worst_ms is None
        parts.append("worst: lost" if lost or found.worst_ms is None else f"worst {_seconds(found.worst_ms.max)} s")
    parts += _faults_of(found)
    return "; ".join(parts)


def _faults_of(found: Grade) -> list[str]:
    notes = []
    if found.twice:
        notes.append(f"{found.twice} said twice")
    if found.tool_twice:
        notes.append(f"tool ran {found.tool_twice} too often")
    if any(ending.startswith("the agent left") for ending in found.endings):
        notes.append("**the agent left**")
    if any("no answer any more" in ending for ending in found.endings):
        notes.append("**deaf**")
    if found.hung:
        notes.append("does not close")
    if found.stalled_ms >= STALLED_MS:
        notes.append(f"(the machine stood still for {_seconds(found.stalled_ms)} s)")
    return notes


def story(call: CallHeld) -> str:
    """Write a cell of a fault that lasts: what was heard and when, the longest silence, and how the call ended."""
    seen = call.seen
    answered = sum(turn.silence_ms is not None for turn in seen.turns)
    if seen.first_sound_ms is None:
        heard = "nothing heard"
    else:
        last_s = _seconds(seen.last_sound_ms or 0.0)
        heard = f"heard {_kinds(seen)}, first after {_seconds(seen.first_sound_ms)} s, last at {last_s} s"
    if seen.dead_air_ms is not None:
        heard = f"{heard}; longest silence {_seconds(seen.dead_air_ms)} s"
    ending = f"{seen.ended}, after {_seconds(seen.ended_ms)} s"
    close = "" if call.closed_s is not None else "; does not close"
    return f"{heard}; {answered} answered; {ending}{close}"


def _kinds(seen: CallSeen) -> str:
    """What was heard: answers, each message by its name, and else something else."""
    kinds = ["answers"] if seen.answers_ms and not all(ms < TONE_MS / 2 for ms in seen.answers_ms.values()) else []
    kinds += [
        f"the message {name!r}" + (f" {count} times" if count > 1 else "") for name, count in seen.messages.items()
    ]
    if seen.other_ms and not seen.messages:
        kinds = ["something else than an answer"]
    return ", ".join(kinds) or "answers"


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.1f}"
