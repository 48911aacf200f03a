"""What calls come to, in figures and in words."""

from __future__ import annotations

import json

from benchmarks.faults.caller import CallSeen, Turn
from benchmarks.faults.cells import CallHeld
from benchmarks.faults.columns import COLUMNS
from benchmarks.faults.grades import grade, story, words
from benchmarks.faults.report import Report, load_report
from benchmarks.faults.rows import ROWS
from benchmarks.machine import Machine

MACHINE = Machine("a CPU", 2, 4.0, "a system", "3.13", {}, 0.5)


def held(*turns: Turn, closed_s: float | None = 0.1, **seen: object) -> CallHeld:
    answers = {turn.number: 800.0 for turn in turns if turn.silence_ms is not None}
    return CallHeld(CallSeen(list(turns), **{"answers_ms": answers, "ended": "all was asked", **seen}), closed_s, 1)  # type: ignore[arg-type]


FINE = held(Turn(1, 1, 500.0), Turn(2, 1, 700.0))


def test_a_call_without_a_flaw_says_so_in_figures_alone() -> None:
    assert words(grade([FINE], 2)) == "2/2; 0 again; 0.6 / 0.7 s; worst 0.7 s"


def test_what_was_not_asked_any_more_was_not_answered() -> None:
    call = held(Turn(1, 1, 500.0), Turn(2, 2, None), ended="the caller hung up: no answer any more")
    assert words(grade([call], 20)) == "1/20; 1 again; 0.5 / 0.5 s; worst: lost; **deaf**"


def test_several_calls_are_one_cell() -> None:
    found = grade([FINE, held(Turn(1, 2, 7_500.0), Turn(2, 1, 500.0))], 2)
    assert (found.answered, found.turns, found.repeated) == (4, 4, 1)
    assert found.worst_ms is not None
    assert found.worst_ms.max == 7_500


def test_an_answer_may_be_said_as_often_as_it_was_asked_for() -> None:
    turns = (Turn(1, 2, 7_000.0), Turn(2, 1, 500.0))
    assert grade([held(*turns, answers_ms={1: 1600.0, 2: 800.0})], 2).twice == 0
    assert grade([held(*turns, answers_ms={1: 800.0, 2: 1600.0})], 2).twice == 1


def test_a_tool_may_run_as_often_as_it_was_asked_for() -> None:
    turns = (Turn(5, 2, 7_000.0), Turn(10, 1, 500.0))
    assert grade([held(*turns, tool_runs={5: 2, 10: 1})], 10).tool_twice == 0
    assert grade([held(*turns, tool_runs={5: 2, 10: 2})], 10).tool_twice == 1


def test_a_client_that_had_to_be_killed_does_not_close() -> None:
    assert "does not close" in words(grade([held(Turn(1, 1, 500.0), closed_s=None)], 1))


def test_a_fault_that_lasts_is_told_as_a_story() -> None:
    seen = {"other_ms": 900.0, "first_sound_ms": 2_100.0, "last_sound_ms": 3_000.0, "ended_ms": 4_000.0}
    call = held(**seen, ended="the agent left: gone")
    expected = "heard something else than an answer, first after 2.1 s, last at 3.0 s; 0 answered; "
    assert story(call) == f"{expected}the agent left: gone, after 4.0 s"
    assert story(held(ended_ms=4_000.0)).startswith("nothing heard; 0 answered")


def test_the_messages_that_were_heard_are_named_and_the_longest_silence_told() -> None:
    seen = {"other_ms": 9_000.0, "first_sound_ms": 400.0, "last_sound_ms": 24_300.0, "ended_ms": 24_600.0}
    call = held(
        Turn(1, 1, 500.0), **seen, messages={"apology": 1, "wait": 2}, dead_air_ms=3_400.0, ended="the agent left: x"
    )
    assert story(call) == (
        "heard answers, the message 'apology', the message 'wait' 2 times, first after 0.4 s, last at 24.3 s; "
        "longest silence 3.4 s; 1 answered; the agent left: x, after 24.6 s"
    )


def test_a_report_is_the_same_when_it_is_read_again() -> None:
    report = Report(2)
    report.enter(ROWS["rst"], COLUMNS["stock"], FINE)
    report.enter(ROWS["403 at call start"], COLUMNS["stock"], held(ended="the agent left: a|b"))
    again = load_report(json.dumps(report.as_json(MACHINE)))
    assert again.tables() == report.tables()
    assert "| rst | 2/2; 0 again; 0.6 / 0.7 s; worst 0.7 s |" in report.tables()
    assert "a/b" in report.tables()
