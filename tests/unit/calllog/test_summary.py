"""The canonical summary: added up from the events themselves."""

from __future__ import annotations

import pytest

from nova_agent.calllog import CallRecord, CallSummary, read_record
from nova_agent.calllog.summary import FirstAudioTimes, SummaryCounter, nearest_rank
from nova_agent.log import SAFE_KEYS
from tests.fakes.record import FakeClock


def test_the_end_carries_the_numbers_of_the_call(record: CallRecord, clock: FakeClock) -> None:
    record.write("persona.entered", name="survey")
    for interrupted in (False, True):
        record.write("turn.agent", text="well", interrupted=interrupted)
    record.write("turn.user", text="seven")
    for status in ("ok", "error", "invalid"):
        record.write("tool.called", tool="answer" if status == "ok" else "skip")
        record.write("tool.returned", tool="answer", status=status, ms=1)
    for kind in ("recorded", "changed", "skipped", "recorded"):
        record.write(f"answer.{kind}", question_id="q1")
    for _ in range(2):
        record.write("metric.tokens", input_speech=10, output_text=3)
    record.write("sonic.stream_opened", reason="start", ms=90, gap_ms=95)
    record.write("sonic.stream_failed", reason="cut", age_ms=70)
    record.write("sonic.stream_replayed", reason="cut", audio_ms=1500, gap_ms=280)
    record.write("sonic.stream_opened", reason="cut", ms=250, gap_ms=310)
    record.write("sonic.stream_rotated", reason="age", gap_ms=1)
    clock.elapsed_s = 61.5
    record.end("completed")
    assert read_record(record.path).events[-1]["summary"] == {
        "end_reason": "completed",
        "cause": None,
        "duration_ms": 61_500,
        "turns": {"user": 1, "agent": 2},
        "interruptions": 1,
        "tools": {"called": 3, "errors": 1, "by_name": {"answer": 1, "skip": 2}},
        "answers": {"recorded": 2, "changed": 1, "skipped": 1},
        "tokens": {"input_speech": 20, "input_text": 0, "output_speech": 0, "output_text": 6},
        "first_audio_ms": {"p50": None, "p95": None, "count": 0},
        "streams": {
            "opened": 2,
            "rotated": 1,
            "failed": 1,
            "by_reason": {"cut": 1},
            "replayed_ms": 1500,
            "longest_gap_ms": 310,
        },
        "personas": ["survey"],
    }


def test_the_log_may_show_every_number_of_a_summary() -> None:
    assert set(CallSummary.model_fields) <= SAFE_KEYS


def test_a_call_can_be_summed_up_while_it_goes_on(record: CallRecord, clock: FakeClock) -> None:
    record.write("turn.user", text="hello")
    clock.elapsed_s = 2
    summary = record.summarize()
    assert (summary.end_reason, summary.duration_ms, summary.turns.user) == ("running", 2000, 1)


def test_what_ended_a_call_without_a_model_is_its_cause(record: CallRecord) -> None:
    record.write("call.message_played", message="wait", cause="cut", ms=3000)
    assert record.summarize().cause is None
    record.write("call.message_played", message="apology", cause="unreachable", ms=5000)
    assert record.summarize().cause == "unreachable"


def test_personas_stand_in_the_order_in_which_they_entered(record: CallRecord) -> None:
    for name in ("survey", "scheduler", "survey"):
        record.write("persona.entered", name=name)
    assert record.summarize().personas == ("survey", "scheduler", "survey")


def test_the_wait_for_an_answer_is_given_in_percentiles() -> None:
    counter = SummaryCounter()
    for waited_ms in range(100, 2100, 100):
        counter.count("metric.first_audio", {"ms": waited_ms})
    assert counter.summary("x", 0).first_audio_ms == FirstAudioTimes(p50=1000, p95=1900, count=20)


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 2), (51, 3), (75, 3), (76, 4), (100, 4)])
def test_a_percentile_is_the_nearest_rank(percent: int, expected: int) -> None:
    assert nearest_rank([4, 2, 1, 3], percent) == expected
