"""When a replay answers, and what it says of clients that do something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nova_agent.localsonic.recording.entries import EventEntry, HttpRefusal
from nova_agent.localsonic.recording.plan import plan_replay
from nova_agent.localsonic.recording.policy import Deviated, Pace, ReplayPolicy
from nova_agent.localsonic.recording.reader import read_recording
from tests.unit.localsonic.recording.conftest import sound

Play = Callable[..., ReplayPolicy]
Line = Mapping[str, Any]

START = ("contentStart", {"contentName": "a", "type": "AUDIO", "role": "USER"})


def sent(t_ms: int, name: str, **body: Any) -> Line:
    return {"t_ms": t_ms, "direction": "in", "event": {name: body}}


def got(t_ms: int, name: str, **body: Any) -> Line:
    return {"t_ms": t_ms, "direction": "out", "event": {name: body}}


def audio(t_ms: int, ms: int) -> Line:
    return sent(t_ms, "audioInput", contentName="a", content=sound(ms))


@pytest.fixture
def play(recorded: Callable[..., Path]) -> Play:
    """Replay these lines."""

    def make(*lines: Line, pace: Pace = "fast") -> ReplayPolicy:
        return ReplayPolicy(plan_replay(read_recording(recorded(*lines))), session_id="new", pace=pace)

    return make


def names(policy: ReplayPolicy, now_ms: float = 0.0) -> list[str]:
    """What is released."""
    return [entry.name if isinstance(entry, EventEntry) else type(entry).__name__ for entry in policy.due(now_ms)]


def test_an_answer_waits_for_the_events_that_came_before_it(play: Play) -> None:
    policy = play(sent(0, "sessionStart"), sent(1, "promptStart"), got(2, "usageEvent"))
    policy.receive("sessionStart", {})
    assert (names(policy), policy.awaited()) == ([], "line 3: promptStart")
    policy.receive("promptStart", {})
    assert names(policy) == ["usageEvent"]
    assert policy.is_over


def test_an_answer_waits_for_as_much_audio_whatever_its_pieces(play: Play) -> None:
    policy = play(sent(0, *START[:1], **START[1]), audio(1, 40), audio(2, 40), got(3, "userSpeechStart"))
    policy.receive(*START)
    policy.receive("audioInput", {"contentName": "a", "content": sound(64)})
    assert (names(policy), policy.awaited()) == ([], "line 5: 16 ms more of audio")
    policy.receive("audioInput", {"contentName": "a", "content": sound(32)})
    assert names(policy) == ["userSpeechStart"]


def test_audio_left_out_of_a_recording_still_counts(play: Play) -> None:
    left_out = sent(1, "audioInput", contentName="a", samples=1600)
    policy = play(sent(0, *START[:1], **START[1]), left_out, got(3, "userSpeechStart"))
    policy.receive(*START)
    assert policy.awaited() == "line 4: 100 ms more of audio"


def test_a_caller_who_says_less_has_said_everything_when_the_audio_ends(play: Play) -> None:
    end = ("contentEnd", {"contentName": "a"})
    policy = play(sent(0, *START[:1], **START[1]), audio(1, 500), sent(2, end[0], **end[1]), got(3, "completionEnd"))
    for event in (START, end):
        policy.receive(*event)
    assert names(policy) == ["completionEnd"]


def test_at_the_real_pace_answers_keep_their_distance(play: Play) -> None:
    policy = play(sent(0, "sessionStart"), got(100, "one"), got(150, "two"), got(150, "three"), pace="real")
    policy.receive("sessionStart", {})
    assert names(policy, 7.0) == ["one"]
    assert policy.due_at_ms() == 57.0
    assert names(policy, 56.9) == []
    assert names(policy, 60.0) == ["two", "three"]


def test_at_the_real_pace_an_answer_is_late_after_a_late_client(play: Play) -> None:
    policy = play(sent(0, "sessionStart"), got(1, "one"), sent(2, "promptStart"), got(50, "two"), pace="real")
    policy.receive("sessionStart", {})
    assert names(policy, 1.0) == ["one"]
    assert (names(policy, 900.0), policy.due_at_ms()) == ([], None)
    policy.receive("promptStart", {})
    assert names(policy, 900.0) == ["two"]


def test_answers_speak_of_the_clients_prompt_and_a_new_session(play: Play) -> None:
    answer = got(2, "usageEvent", promptName="old", sessionId="old", contentId="kept", toolUseId="kept")
    policy = play(sent(0, "sessionStart"), sent(1, "promptStart", promptName="old"), answer)
    policy.receive("sessionStart", {})
    policy.receive("promptStart", {"promptName": "mine"})
    (entry,) = policy.due(0.0)
    assert isinstance(entry, EventEntry)
    assert entry.body == {"promptName": "mine", "sessionId": "new", "contentId": "kept", "toolUseId": "kept"}


def test_a_deviation_names_the_line_and_counts_as_the_recorded_event(play: Play) -> None:
    policy = play(sent(0, "sessionStart"), sent(1, "promptStart"), got(2, "usageEvent"))
    policy.receive("sessionStart", {})
    with pytest.raises(Deviated, match=r"^line 3 expects promptStart, but the client sent promptEnd\.$"):
        policy.receive("promptEnd", {})
    assert names(policy) == ["usageEvent"]


def test_more_than_was_recorded_is_a_deviation(play: Play) -> None:
    policy = play(sent(0, "sessionStart"))
    policy.receive("sessionStart", {})
    with pytest.raises(Deviated, match="nothing more was recorded"):
        policy.receive("sessionEnd", {})


def test_an_early_end_is_a_deviation_and_releases_the_rest(play: Play) -> None:
    policy = play(sent(0, "sessionStart"), sent(1, "promptStart"), got(2, "usageEvent"))
    with pytest.raises(Deviated, match="line 2 expects sessionStart, but the client sent the end of its stream"):
        policy.receive_end()
    assert names(policy) == ["usageEvent"]


def test_an_end_after_everything_recorded_is_none(play: Play) -> None:
    policy = play(sent(0, "sessionStart"), {"t_ms": 1, "direction": "in", "end": True}, got(2, "usageEvent"))
    policy.receive("sessionStart", {})
    policy.receive_end()
    assert names(policy) == ["usageEvent"]


def test_exceptions_errors_resets_and_ends_are_answers_too(play: Play) -> None:
    out = {"t_ms": 2, "direction": "out"}
    exception = {**out, "exception": {"type": "throttlingException", "payload": {"message": "Slow down."}}}
    policy = play(
        sent(0, "sessionStart"), exception, {**out, "error": {"code": "x"}}, {**out, "reset": "?"}, {**out, "end": True}
    )
    policy.receive("sessionStart", {})
    assert names(policy) == ["ExceptionEntry", "ErrorEntry", "ResetEntry", "EndEntry"]


def test_a_client_that_broke_off_asks_nothing_of_the_next(play: Play) -> None:
    policy = play(sent(0, "sessionStart"), {"t_ms": 1, "direction": "in", "reset": "the client is gone"})
    policy.receive("sessionStart", {})
    assert policy.is_over


def test_when_it_was_opened_is_no_answer_that_waits(recorded: Callable[..., Path]) -> None:
    opened = {"t_ms": 1, "direction": "out", "opened": {"x-amzn-requestid": "1"}}
    assert plan_replay(read_recording(recorded(sent(0, "sessionStart"), opened))).cues == ()


def test_a_refusal_is_all_there_is_to_replay(recorded: Callable[..., Path]) -> None:
    refusal = {"status": 429, "error_type": "ThrottlingException", "message": "Slow down."}
    plan = plan_replay(read_recording(recorded({"t_ms": 1, "direction": "out", "refused": refusal})))
    assert plan.refusal == HttpRefusal(status=429, error_type="ThrottlingException", message="Slow down.")


def test_what_is_unreadable_has_to_come_again(play: Play) -> None:
    policy = play({"t_ms": 0, "direction": "in", "raw": "AAAA"}, got(1, "usageEvent"))
    policy.receive_unreadable()
    assert names(policy) == ["usageEvent"]
