from __future__ import annotations

import numpy as np

from nova_agent.simulate.pcm import Pcm
from nova_agent.simulate.playout import Playout, SegmentEnded


def tone(samples: int, level: int = 500) -> Pcm:
    return np.full(samples, level, dtype=np.int16)


def test_a_flushed_segment_ends_with_the_length_that_was_played() -> None:
    playout = Playout(1000)
    playout.push(tone(25))
    playout.flush()
    assert playout.play(20).segments_ended == ()
    last = playout.play(20)
    assert last.segments_ended == (SegmentEnded(0.025, interrupted=False),)
    assert last.audible == 5
    assert last.pcm.tolist() == [500] * 5 + [0] * 15


def test_a_segment_starts_once_however_many_slots_it_takes() -> None:
    playout = Playout(1000)
    playout.push(tone(50))
    assert [playout.play(20).segments_started for _ in range(3)] == [1, 0, 0]


def test_an_open_segment_that_runs_dry_stays_open() -> None:
    playout = Playout(1000)
    playout.push(tone(10))
    assert playout.play(20).segments_ended == ()
    assert playout.pending
    playout.push(tone(10))
    playout.flush()
    assert playout.play(20).segments_ended == (SegmentEnded(0.020, interrupted=False),)


def test_a_flush_after_the_last_sample_ends_the_segment_in_the_next_slot() -> None:
    playout = Playout(1000)
    playout.push(tone(20))
    playout.play(20)
    playout.flush()
    assert playout.play(20).segments_ended == (SegmentEnded(0.020, interrupted=False),)


def test_two_segments_share_a_slot_without_a_gap() -> None:
    playout = Playout(1000)
    for level in (1, 2):
        playout.push(tone(10, level))
        playout.flush()
    played = playout.play(20)
    assert played.pcm.tolist() == [1] * 10 + [2] * 10
    assert (played.segments_started, len(played.segments_ended)) == (2, 2)


def test_clearing_reports_where_playback_stood() -> None:
    playout = Playout(1000)
    playout.push(tone(100))
    playout.flush()
    playout.play(20)
    assert playout.clear() == (SegmentEnded(0.020, interrupted=True),)
    assert playout.play(20).audible == 0


def test_what_arrives_between_clear_and_flush_is_never_played() -> None:
    playout = Playout(1000)
    playout.push(tone(10))
    assert playout.clear() == (SegmentEnded(0.0, interrupted=True),)
    playout.push(tone(10))
    playout.flush()
    assert playout.play(20).segments_ended == ()
    playout.push(tone(10, 7))
    assert playout.play(10).pcm.tolist() == [7] * 10


def test_clearing_nothing_reports_nothing() -> None:
    playout = Playout(1000)
    assert playout.clear() == ()
    playout.push(tone(20))
    assert playout.play(20).audible == 20


def test_a_paused_playout_keeps_its_place() -> None:
    playout = Playout(1000)
    playout.push(tone(40))
    playout.play(20)
    playout.paused = True
    assert playout.play(20).audible == 0
    playout.paused = False
    assert playout.play(20).audible == 20
