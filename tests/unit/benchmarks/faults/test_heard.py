"""What a caller makes of the sounds on the line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.faults.heard import Heard
from benchmarks.faults.tones import tone
from nova_agent.simulate.pcm import AGENT_RATE_HZ, Pcm

SLOT = AGENT_RATE_HZ // 50


def slots(sound: Pcm) -> Iterator[Pcm]:
    return (sound[at : at + SLOT] for at in range(0, sound.size, SLOT))


def play(heard: Heard, start_ms: float, sound: Pcm) -> None:
    for number, slot in enumerate(slots(sound)):
        heard.hear(start_ms + 20 * number, slot)


def test_an_answer_is_known_when_most_of_it_was_heard() -> None:
    heard = Heard()
    play(heard, 0, tone(3, AGENT_RATE_HZ, 500))
    assert not heard.knows(3)
    play(heard, 900, tone(3, AGENT_RATE_HZ, 200))
    assert heard.knows(3)


def test_the_longest_silence_counts_from_the_question_and_holes_in_the_answer_count_too() -> None:
    heard = Heard()
    play(heard, 0, tone(3, AGENT_RATE_HZ, 200))
    heard.begin_silence(5_000)
    play(heard, 5_600, tone(4, AGENT_RATE_HZ, 200))
    assert heard.longest_silence_ms == 600
    play(heard, 7_000, tone(4, AGENT_RATE_HZ, 200))
    assert heard.longest_silence_ms == 1_200


def test_another_sound_is_heard_and_is_no_answer() -> None:
    heard = Heard()
    play(heard, 1_000, np.random.default_rng(1).normal(0, 3000, SLOT * 10).astype(np.int16))
    assert (heard.first_ms, heard.last_ms) == (1_000, 1_200)
    assert heard.other_ms == pytest.approx(200)
    assert not heard.answers_ms


def test_silence_is_not_heard() -> None:
    heard = Heard()
    play(heard, 0, np.zeros(SLOT * 10, dtype=np.int16))
    assert heard.first_ms is None
