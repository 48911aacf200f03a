"""Silences between what is played, in milliseconds of the line."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.handoff.report import Report
from benchmarks.handoff.silences import Played, Segment, handoff_silences_ms
from nova_agent.simulate.line import AgentAudio, AgentFinishedPlaying


def slot(start_ms: int, loudness: int) -> AgentAudio:
    return AgentAudio(start_ms, np.full(480, loudness, dtype=np.int16))


def test_a_segment_reaches_from_its_first_to_its_last_sound() -> None:
    played = Played()
    for event in (
        slot(0, 0),
        slot(20, 3000),
        slot(40, 0),
        slot(60, 3000),
        slot(80, 0),
        AgentFinishedPlaying(100, 100.0, interrupted=False),
    ):
        played.on_line(event)
    assert played.segments == [Segment(20, 80)]


def test_the_silence_of_a_handoff_is_between_announcement_and_question() -> None:
    segments = [Segment(0, 100), Segment(500, 900), Segment(1000, 1400), Segment(2000, 2400), Segment(2700, 3000)]
    assert handoff_silences_ms(segments, 2) == [100, 300]


@pytest.mark.parametrize("segments", [[Segment(0, 1), Segment(2, 3)], [Segment(0, 1), Segment(), Segment(4, 5)]])
def test_a_call_that_took_another_course_is_refused(segments: list[Segment]) -> None:
    with pytest.raises(ValueError, match="1 handoffs"):
        handoff_silences_ms(segments, 1)


def test_the_table_has_medians_ranges_and_the_ratio() -> None:
    report = Report()
    report.enter("ours", 40, [100, 120, 140])
    report.enter("stock", 40, [900, 1200, 1500])
    assert "| ours | 120 ms (100–140) |" in report.table()
    assert "| ours, of stock | 10% |" in report.table()
    assert report.holds


def test_the_condition_must_hold_at_every_delay() -> None:
    report = Report()
    for delay_ms, ours_ms in ((0, 100), (40, 400)):
        report.enter("ours", delay_ms, [ours_ms])
        report.enter("stock", delay_ms, [1000])
    assert not report.holds
