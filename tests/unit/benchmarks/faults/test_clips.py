"""Ears that know the questions by heart understand what is whole, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.faults.clips import Recogniser, Samples, load_clips
from nova_agent.simulate.pcm import CALLER_RATE_HZ, Pcm


def noise(seed: int) -> Pcm:
    """A second of something with the bandwidth of speech, different for each seed."""
    rough = np.random.default_rng(seed).normal(0, 1, CALLER_RATE_HZ)
    smooth = np.convolve(rough, np.ones(16) / 16, mode="same")
    return (smooth / np.abs(smooth).max() * 12_000).astype(np.int16)


CLIPS = {1: noise(1), 2: noise(2)}


def heard(*parts: Pcm) -> Samples:
    silence = np.zeros(CALLER_RATE_HZ // 4 + 3, dtype=np.int16)
    samples = np.concatenate([silence, *(piece for part in parts for piece in (part, silence))])
    return np.asarray(samples / 32768, dtype=np.float32)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(CLIPS)


def test_a_whole_question_is_understood_wherever_it_begins(recogniser: Recogniser) -> None:
    assert recogniser.numbers_in(heard(CLIPS[2])) == [2]


def test_questions_are_understood_in_the_order_in_which_they_were_said(recogniser: Recogniser) -> None:
    assert recogniser.numbers_in(heard(CLIPS[2], CLIPS[1])) == [2, 1]


@pytest.mark.parametrize("lost", [slice(0, 4_000), slice(6_000, 10_000), slice(12_000, None)])
def test_a_question_with_a_quarter_second_missing_is_not_understood(recogniser: Recogniser, lost: slice) -> None:
    rest = np.delete(CLIPS[1], np.arange(CLIPS[1].size)[lost])
    assert recogniser.numbers_in(heard(rest)) == []


def test_a_question_that_sounds_alike_is_another_one(recogniser: Recogniser) -> None:
    alike = CLIPS[1].astype(np.float64) * 0.7 + noise(3).astype(np.float64) * 0.7
    assert recogniser.numbers_in(heard(alike.astype(np.int16))) == []


def test_nothing_is_understood_in_noise_or_silence(recogniser: Recogniser) -> None:
    assert recogniser.numbers_in(heard(noise(3))) == []
    assert recogniser.numbers_in(heard()) == []


def test_clips_come_back_from_their_file_by_number(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("clips") / "clips.npz"
    np.savez(path, *CLIPS.values())
    assert [number for number, clip in load_clips(path).items() if (clip == CLIPS[number]).all()] == [1, 2]
