"""From moments to stages: where the time between the caller's last word and the agent's first went. Pure.

A stage is milliseconds. The stages of one answer add up to its total, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from benchmarks.marks import AnswerMarks, CallMarks
from nova_agent.localsonic.timing import TurnTiming

Stages = Mapping[str, float]

TOTAL: Final = "sum"
TURN_STAGES: Final = (
    "detection",
    "recognition",
    "brain, before the tool",
    "tool round trip",
    "brain, after the tool",
    "first sentence synthesised",
    "first audio sent",
    "received by our session",
    "first frame played",
    "first audible frame",
)
OPENING_STAGES: Final = (
    "database and opening directive",
    "session start and stream open",
    "begin sentence taken",
    "brain",
    "first sentence synthesised",
    "first audio sent",
    "received by our session",
    "first frame played",
    "first audible frame",
)
_SLACK_S: Final = 0.1


def turn_stages(turn: AnswerMarks, timings: Sequence[TurnTiming]) -> Stages | None:
    """Return the stages of one answer to the caller, or ``None`` when it cannot be taken apart.

    That is so when something is missing, and when a pause made the endpoint take one utterance for two turns.

    Args:
        turn: our side's moments.
        timings: the endpoint's turns between this utterance and the next.
    """
    heard = [timing for timing in timings if timing.speech_end_ms is not None]
    answered = next((timing for timing in timings if timing.first_audio_at is not None), None)
    if len(heard) != 1 or answered is None:
        return None
    first = heard[0]
    after_tool: tuple[float | None, ...] = (first.decided_at, first.decided_at)
    if answered is not first:
        after_tool = (answered.detected_at, answered.decided_at)
    moments = (turn.asked, first.detected_at, first.transcribed_at, first.decided_at, *after_tool)
    return _between(TURN_STAGES, (*moments, *_spoken(answered, turn)))


def opening_stages(call: CallMarks, timings: Sequence[TurnTiming]) -> Stages | None:
    """Return the stages of a call's first words, or ``None`` when something is missing.

    Args:
        call: our side's moments.
        timings: the endpoint's turns of this call.
    """
    answered = next((timing for timing in timings if timing.first_audio_at is not None), None)
    if answered is None:
        return None
    opening = call.opening
    moments = (opening.asked, call.session_made, call.stream_opened, answered.detected_at, answered.decided_at)
    return _between(OPENING_STAGES, (*moments, *_spoken(answered, opening)))


def turns_of(call: CallMarks, timings: Sequence[TurnTiming]) -> list[tuple[AnswerMarks, list[TurnTiming]]]:
    """Give each of the caller's utterances the endpoint's turns from its end to the end of the next."""
    starts = [turn.asked for turn in call.turns]
    ends = [*starts[1:], float("inf")]
    return [
        (turn, [timing for timing in timings if start - _SLACK_S <= timing.detected_at < end - _SLACK_S])
        for turn, start, end in zip(call.turns, starts, ends, strict=True)
    ]


def heard_after_ms(answer: AnswerMarks) -> float | None:
    """From the question to the first audible frame."""
    return None if answer.audible is None else (answer.audible - answer.asked) * 1000


def _spoken(timing: TurnTiming, answer: AnswerMarks) -> tuple[float | None, ...]:
    return (timing.first_sentence_at, timing.first_audio_at, answer.received, answer.playing, answer.audible)


def _between(names: Sequence[str], moments: Sequence[float | None]) -> Stages | None:
    known = [moment for moment in moments if moment is not None]
    if len(known) != len(moments):
        return None
    stages = {name: (after - before) * 1000 for name, (before, after) in zip(names, pairwise(known), strict=True)}
    return {**stages, TOTAL: (known[-1] - known[0]) * 1000}
