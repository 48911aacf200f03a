"""Answers tell their number by their sound."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.faults.tones import PLEASANTRY, number_in, tone
from nova_agent.simulate.pcm import AGENT_RATE_HZ

SLOT = AGENT_RATE_HZ // 50


@pytest.mark.parametrize("number", [1, 7, 20, PLEASANTRY])
def test_every_slot_of_an_answer_tells_its_number(number: int) -> None:
    sound = tone(number, AGENT_RATE_HZ)
    assert {number_in(sound[at : at + SLOT]) for at in range(0, sound.size, SLOT)} == {number}


def test_a_slot_that_is_cut_tells_its_number_while_there_is_half_of_it() -> None:
    assert number_in(tone(7, AGENT_RATE_HZ)[: SLOT // 2]) == 7
    assert number_in(tone(7, AGENT_RATE_HZ)[: SLOT // 4]) is None


def test_silence_and_other_sounds_have_no_number() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, SLOT).astype(np.int16)
    assert number_in(np.zeros(SLOT, dtype=np.int16)) is None
    assert number_in(noise) is None
