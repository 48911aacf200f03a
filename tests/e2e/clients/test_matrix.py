"""Clients that other people wrote hold calls with Local Sonic; ``tests/clients`` has one program for each."""

from __future__ import annotations

from collections import Counter

from tests.e2e.clients.conftest import LINES, Calls

BROKEN = {"localsonic.stream_rejected", "localsonic.stream_lost", "localsonic.stream_failed"}
SECOND_BYTES = 2 * 24_000


def test_a_caller_is_understood_and_hears_an_answer(calls: Calls) -> None:
    seen = calls.seen("answer")
    assert "book an appointment" in " ".join(seen["heard"]).lower()
    assert "book an appointment" in " ".join(seen["said"]).lower()
    assert seen["audio_bytes"] > SECOND_BYTES


def test_a_tool_is_called_and_its_result_read_out(calls: Calls) -> None:
    seen = calls.seen("tool")
    assert seen["tools"] == [{"name": "get_weather", "arguments": {"city": "Paris"}}]
    assert "It is sunny there." in seen["said"][-1]
    assert seen["audio_bytes"] > SECOND_BYTES / 2


def test_speaking_over_an_answer_stops_it_and_is_answered(calls: Calls) -> None:
    seen = calls.seen("barge-in")
    assert seen["interrupted"]
    assert "another question" in " ".join(seen["heard"]).lower()
    assert "another question" in seen["said"][-1].lower()
    assert not any("number 6" in text for text in seen["said"])


def test_nobody_is_interrupted_who_was_not_spoken_over(calls: Calls) -> None:
    assert not calls.seen("answer")["interrupted"]
    assert not calls.seen("tool")["interrupted"]


def test_every_session_ends_as_it_should(calls: Calls) -> None:
    for scenario in LINES:
        assert calls.seen(scenario)["ended"] == (["completionEnd", "END_STREAM"] if calls.program.tells_the_end else [])
    happened = Counter(entry["event"] for entry in calls.logged)
    assert happened["localsonic.stream_opened"] == happened["localsonic.stream_closed"] == len(LINES)
    assert [entry for entry in calls.logged if entry["event"] in BROKEN] == []
