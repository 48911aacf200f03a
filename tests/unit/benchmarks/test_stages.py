"""Where the time of an answer went, from the moments of both sides."""

from __future__ import annotations

import pytest

from benchmarks.marks import AnswerMarks, CallMarks
from benchmarks.stages import OPENING_STAGES, TOTAL, TURN_STAGES, opening_stages, turn_stages, turns_of
from nova_agent.localsonic.timing import TurnTiming

TURN = AnswerMarks(asked=10.0, received=11.0, playing=11.125, audible=11.25)


def heard() -> TurnTiming:
    return TurnTiming(speech_end_ms=900, detected_at=10.5, transcribed_at=10.625, decided_at=10.75)


def answered(detected_at: float = 10.8125) -> TurnTiming:
    return TurnTiming(detected_at=detected_at, decided_at=10.875, first_sentence_at=10.9375, first_audio_at=10.96875)


def test_every_stage_of_a_turn_with_a_tool_is_told_apart() -> None:
    stages = turn_stages(TURN, [heard(), answered()])
    assert stages is not None
    assert [stages[name] for name in TURN_STAGES] == [500, 125, 125, 62.5, 62.5, 62.5, 31.25, 31.25, 125, 125]


def test_the_stages_add_up_to_the_whole_wait() -> None:
    stages = turn_stages(TURN, [heard(), answered()])
    assert stages is not None
    assert sum(stages[name] for name in TURN_STAGES) == stages[TOTAL] == 1250


def test_a_turn_without_a_tool_has_no_round_trip() -> None:
    spoken = heard()
    spoken.first_sentence_at, spoken.first_audio_at = 10.9375, 10.96875
    stages = turn_stages(TURN, [spoken])
    assert stages is not None
    assert (stages["tool round trip"], stages["brain, after the tool"]) == (0, 0)


@pytest.mark.parametrize(
    "timings", [[], [heard()], [answered()], [heard(), heard(), answered()]], ids=["none", "mute", "deaf", "split"]
)
def test_a_turn_that_cannot_be_taken_apart_has_no_stages(timings: list[TurnTiming]) -> None:
    assert turn_stages(TURN, timings) is None


def test_an_answer_that_was_never_audible_has_no_stages() -> None:
    assert turn_stages(AnswerMarks(asked=10.0, received=11.0, playing=11.5), [heard(), answered()]) is None


def test_the_endpoints_turns_go_to_the_utterance_before_them() -> None:
    later = AnswerMarks(asked=20.0)
    call = CallMarks(opening=AnswerMarks(asked=0.0), turns=[TURN, later])
    timings = [answered(detected_at=2.0), answered(detected_at=10.5), answered(detected_at=20.5)]
    assert turns_of(call, timings) == [(TURN, [timings[1]]), (later, [timings[2]])]


def test_the_opening_begins_with_the_call() -> None:
    opening = AnswerMarks(asked=10.0, received=11.0, playing=11.125, audible=11.25)
    call = CallMarks(opening=opening, session_made=10.25, stream_opened=10.5)
    stages = opening_stages(call, [answered()])
    assert stages is not None
    assert [stages[name] for name in OPENING_STAGES[:3]] == [250, 250, 312.5]
    assert stages[TOTAL] == 1250


def test_an_opening_whose_stream_never_opened_has_no_stages() -> None:
    assert opening_stages(CallMarks(opening=TURN, session_made=10.25), [answered()]) is None
