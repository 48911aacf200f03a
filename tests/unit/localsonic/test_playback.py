from __future__ import annotations

import pytest

from nova_agent.localsonic.playback import Heard, Playback


@pytest.fixture
def playback() -> Playback:
    """Two sentences of two seconds, both sent at 10.0."""
    playback = Playback()
    playback.add("one two three four", item=1, duration_s=2.0, now=10.0)
    playback.add(" five six seven", item=1, duration_s=2.0, now=10.0)
    return playback


def test_sentences_play_one_after_the_other(playback: Playback) -> None:
    assert playback.ends_at == 14.0
    assert playback.is_playing(13.9)
    assert not playback.is_playing(14.0)


def test_a_sentence_that_comes_late_starts_when_it_comes(playback: Playback) -> None:
    playback.add("late", item=2, duration_s=1.0, now=20.0)
    assert playback.ends_at == 21.0


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        (10.0, ("", "")),
        (11.0, ("one two", "")),
        (12.0, ("one two three four", "")),
        (13.0, ("one two three four", " five")),
        (14.0, ("one two three four", " five six seven")),
    ],
)
def test_a_cut_leaves_the_words_that_were_played(playback: Playback, now: float, heard: tuple[str, str]) -> None:
    assert playback.cut(now) == [Heard(heard[0], 1), Heard(heard[1], 1)]
    assert not playback.is_playing(now)


def test_a_finished_answer_was_heard_as_a_whole(playback: Playback) -> None:
    assert [part.text for part in playback.finish()] == ["one two three four", " five six seven"]
    assert playback.finish() == []
