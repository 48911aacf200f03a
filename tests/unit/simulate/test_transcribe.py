from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nova_agent.simulate.recorder import StereoRecorder
from nova_agent.simulate.transcribe import channel_word_error_rates, split_speech

SECOND = 16_000


class LoudnessEars:
    """Takes anything loud for speech; names what it hears by its level."""

    def __init__(self, words: dict[int, str] | None = None) -> None:
        self.words = words or {}
        self.lengths_s: list[float] = []

    def voice_activity(self) -> LoudnessEars:
        return self

    def probability(self, window: np.ndarray) -> float:
        return float(np.abs(window).mean() > 0.01)

    async def transcribe(self, samples: np.ndarray) -> str:
        self.lengths_s.append(samples.size / SECOND)
        level = round(float(np.median(np.abs(samples)[np.abs(samples) > 0.01])) * 32.768)
        return self.words.get(level, "")

    async def load(self) -> None: ...

    async def aclose(self) -> None: ...


def speech(*parts: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(int(seconds * SECOND), level, dtype=np.int16) for seconds, level in parts])


def test_speech_is_cut_at_its_pauses() -> None:
    pieces = split_speech(speech((1, 0), (1, 5_000), (1, 0), (2, 5_000), (1, 0)), LoudnessEars())
    assert [piece.size / SECOND for piece in pieces] == pytest.approx([1.5, 2.5], abs=0.1)


def test_a_short_pause_is_no_cut() -> None:
    assert len(split_speech(speech((1, 5_000), (0.2, 0), (1, 5_000), (1, 0)), LoudnessEars())) == 1


def test_speech_at_the_very_end_is_kept() -> None:
    (piece,) = split_speech(speech((1, 0), (1, 5_000)), LoudnessEars())
    assert piece.size / SECOND == pytest.approx(1.25, abs=0.1)


def test_a_very_long_stretch_is_cut_into_parts() -> None:
    pieces = split_speech(speech((60, 5_000), (1, 0)), LoudnessEars())
    assert len(pieces) == 3
    assert max(piece.size for piece in pieces) <= 25 * SECOND


def test_silence_has_no_speech() -> None:
    assert split_speech(speech((2, 0)), LoudnessEars()) == []


async def test_each_channel_is_compared_with_its_own_words(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav")
    caller, agent = speech((1, 0), (1, 4_000), (3, 0)), speech((3, 0), (1, 8_000), (1, 0))
    recorder.write(caller, np.repeat(agent, 3)[::2].astype(np.int16))
    recorder.close()
    ears: Any = LoudnessEars({4: "Eight.", 8: "Thank you, good by"})
    words = await channel_word_error_rates(tmp_path / "call.wav", ["8"], ["Thank you.", "Goodbye."], ears)
    assert (words.caller.word_error_rate, words.caller.recognised) == (0.0, "Eight.")
    assert words.agent.word_error_rate == pytest.approx(0.25)
