"""Turns tell their number by their sound, and a piece that is missing shows."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.long_call.sounds import FIRST, LAST, SHORT_MS, Hearing, numbers_in, spoken
from nova_agent.simulate.pcm import AGENT_RATE_HZ, CALLER_RATE_HZ, Pcm, silence

SLOT = AGENT_RATE_HZ // 50


def heard(*sounds: Pcm) -> list[int]:
    return numbers_in(np.concatenate(sounds).astype(np.float32) / 32768)


@pytest.mark.parametrize("number", [FIRST, 111, 479, LAST])
@pytest.mark.parametrize("tone_ms", [SHORT_MS, 3_000])
def test_a_whole_number_is_understood_wherever_it_begins(number: int, tone_ms: int) -> None:
    sound = spoken(number, CALLER_RATE_HZ, tone_ms)
    assert heard(silence(33, CALLER_RATE_HZ), sound) == [number]


@pytest.mark.parametrize("lost_ms", [slice(100, 200), slice(300, 400), slice(620, 720)])
def test_a_number_that_lacks_a_tenth_of_a_second_is_not_understood(lost_ms: slice) -> None:
    sound = spoken(123, CALLER_RATE_HZ, SHORT_MS)
    rate = CALLER_RATE_HZ // 1000
    assert heard(sound[: lost_ms.start * rate], sound[lost_ms.stop * rate :]) == []


def test_two_numbers_in_one_utterance_are_both_understood() -> None:
    one, other = (spoken(number, CALLER_RATE_HZ, SHORT_MS) for number in (123, 456))
    assert heard(one, silence(200, CALLER_RATE_HZ), other) == [123, 456]


def listen(*numbers: int) -> Hearing:
    hearing = Hearing()
    sound = np.concatenate([spoken(number, AGENT_RATE_HZ, SHORT_MS) for number in numbers])
    for at in range(0, sound.size, SLOT):
        hearing.hear(at / AGENT_RATE_HZ * 1000, sound[at : at + SLOT])
    return hearing


def test_the_caller_knows_which_answer_it_hears() -> None:
    hearing = listen(123)
    assert hearing.last is not None
    assert hearing.last.is_whole(123)
    assert not hearing.last.is_whole(124)
    assert (hearing.last.began_ms, hearing.last.last_ms) == (0, 3 * SHORT_MS)


def test_an_answer_that_is_heard_twice_counts_twice() -> None:
    assert len(listen(123, 123, 124).answers) == 3
