"""Silence at the ends of an answer is left out when it is to be, and never a sound."""

from __future__ import annotations

import numpy as np
import pytest

from nova_agent.sonic.edges import SilentEdges


def sound(ms: int) -> bytes:
    return np.full(24 * ms, 3000, dtype="<i2").tobytes()


def silence(ms: int) -> bytes:
    return bytes(48 * ms)


@pytest.fixture
def edges() -> SilentEdges:
    return SilentEdges()


def test_nothing_is_trimmed_unless_it_is_to_be(edges: SilentEdges) -> None:
    assert not edges.trims
    assert edges.take(silence(80) + sound(20) + silence(80)) == silence(80) + sound(20) + silence(80)


def test_the_silence_before_the_first_sound_is_left_out_once(edges: SilentEdges) -> None:
    edges.trim_head()
    assert edges.take(silence(80)) == b""
    assert edges.take(silence(30) + sound(50)) == sound(50)
    assert edges.take(silence(80) + sound(10)) == silence(80) + sound(10)
    assert not edges.trims


def test_of_the_silence_after_the_last_sound_a_short_pause_is_left(edges: SilentEdges) -> None:
    edges.trim_tail()
    assert edges.take(sound(50) + silence(30)) == sound(50) + silence(30)
    assert edges.take(silence(80)) == silence(70)
    assert edges.take(silence(80)) == b""
    edges.ended()
    assert edges.take(sound(10)) == sound(10)


def test_the_silence_between_two_sounds_is_played(edges: SilentEdges) -> None:
    edges.trim_tail()
    played = edges.take(sound(50) + silence(30)) + edges.take(silence(80)) + edges.take(silence(10) + sound(20))
    assert played == sound(50) + silence(120) + sound(20)


def test_both_ends_of_one_piece(edges: SilentEdges) -> None:
    edges.trim_head()
    edges.trim_tail()
    assert edges.take(silence(30) + sound(20) + silence(300)) == sound(20) + silence(100)


def test_a_sound_shorter_than_a_window_is_kept(edges: SilentEdges) -> None:
    edges.trim_tail()
    assert edges.take(silence(20) + sound(20)[:240]) == silence(20) + sound(20)[:240]
