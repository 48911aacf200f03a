from __future__ import annotations

import numpy as np

from nova_agent.simulate.line import AgentAudio
from nova_agent.simulate.turns import TurnTracker


def slot(start_ms: int, level: int = 3_000) -> AgentAudio:
    return AgentAudio(start_ms, np.full(480, level, dtype=np.int16))


def test_a_turn_ends_after_its_silence() -> None:
    turns = TurnTracker(silence_ms=700)
    for at in (1_000, 1_020):
        turns.audio_played(slot(at))
    assert turns.started_ms == 1_000
    assert turns.completed(1_720) is None
    turn = turns.completed(1_740)
    assert turn is not None
    assert (turn.start_ms, turn.end_ms, turn.pcm.size) == (1_000, 1_040, 960)
    assert turns.started_ms is None
    assert turns.completed(1_760) is None


def test_a_turn_ends_sooner_once_its_playback_is_over() -> None:
    turns = TurnTracker(silence_ms=700, after_playback_ms=500)
    turns.audio_played(slot(0))
    turns.playback_ended()
    assert turns.completed(500) is None
    assert turns.completed(520) is not None


def test_the_next_sentence_belongs_to_the_same_turn() -> None:
    turns = TurnTracker()
    turns.audio_played(slot(0))
    turns.playback_ended()
    turns.audio_played(slot(400))
    assert turns.completed(1_120) is None
    turn = turns.completed(1_620)
    assert turn is not None
    assert turn.pcm.size == 420 * 24
    assert not np.any(turn.pcm[480 : 400 * 24])


def test_silence_that_is_played_is_no_turn() -> None:
    turns = TurnTracker()
    turns.audio_played(slot(0, level=10))
    assert turns.started_ms is None
    assert turns.completed(5_000) is None
    assert turns.so_far().size == 0


def test_a_turn_begins_with_its_first_sound() -> None:
    turns = TurnTracker()
    turns.audio_played(slot(0, level=0))
    turns.audio_played(slot(20))
    assert turns.started_ms == 20
    assert turns.so_far().size == 480
