"""The proof that a recording holds the words of its call: each channel is transcribed and compared with its script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jiwer
import numpy as np

from nova_agent.localsonic.ears import Ears
from nova_agent.localsonic.endpointing import WINDOW_SAMPLES, Endpointer, SpeechEnded, SpeechStarted
from nova_agent.simulate.normalise import normalise
from nova_agent.simulate.pcm import CALLER_RATE_HZ, Pcm, resample
from nova_agent.simulate.recorder import read_channels

_PAUSE_MS: Final = 450
_MARGIN_WINDOWS: Final = 8
"""Kept on each side of what the speech detector found, as it is late to begin and early to end."""
_LONGEST_S: Final = 25


@dataclass(frozen=True, slots=True)
class ChannelWords:
    """One channel of a recording: what was said, what was made out, and the share of words that differ."""

    said: str
    recognised: str
    word_error_rate: float


@dataclass(frozen=True, slots=True)
class RecordingWords:
    caller: ChannelWords
    agent: ChannelWords


async def channel_word_error_rates(
    wav: Path, said_caller: Sequence[str], said_agent: Sequence[str], ears: Ears
) -> RecordingWords:
    """Transcribe both channels of a stereo recording and compare each with what was said on it, in order.

    Args:
        wav: the recording, caller on the left.
        said_caller: the caller's utterances.
        said_agent: the agent's turns, cut to what was played.
        ears: loaded ears.

    Raises:
        ValueError: the recording is not stereo.
    """
    left, right, rate_hz = read_channels(wav)
    return RecordingWords(
        caller=await _compare(left, rate_hz, said_caller, ears),
        agent=await _compare(right, rate_hz, said_agent, ears),
    )


def word_error_rate(said: str, recognised: str) -> float:
    """Share of the words of ``said`` that were missed, added or mistaken, after normalising both.

    Nothing said and nothing recognised is 0; words out of nothing are 1.
    """
    reference, hypothesis = normalise(said), normalise(recognised)
    if not reference:
        return 1.0 if hypothesis else 0.0
    return float(jiwer.wer(reference, hypothesis))


async def _compare(pcm: Pcm, rate_hz: int, said: Sequence[str], ears: Ears) -> ChannelWords:
    heard = resample(pcm, rate_hz, CALLER_RATE_HZ)
    pieces = [await ears.transcribe(_as_samples(piece)) for piece in split_speech(heard, ears)]
    recognised = " ".join(piece for piece in pieces if piece)
    return ChannelWords(" ".join(said), recognised, word_error_rate(" ".join(said), recognised))


def split_speech(pcm: Pcm, ears: Ears) -> list[Pcm]:
    """Cut mono s16 audio at 16 kHz into its stretches of speech, each at most 25 s long."""
    activity = ears.voice_activity()
    endpointer = Endpointer(_PAUSE_MS)
    spans: list[tuple[int, int]] = []
    start = 0
    for offset in range(0, pcm.size - WINDOW_SAMPLES + 1, WINDOW_SAMPLES):
        event = endpointer.push(activity.probability(_as_samples(pcm[offset : offset + WINDOW_SAMPLES])))
        if isinstance(event, SpeechStarted):
            start = event.window
        elif isinstance(event, SpeechEnded):
            spans.append((start, event.window))
    if (last := endpointer.finish()) is not None:
        spans.append((start, last.window))
    return [piece for span in spans for piece in _cut(pcm, span)]


def _cut(pcm: Pcm, span: tuple[int, int]) -> list[Pcm]:
    begin = max(0, span[0] - _MARGIN_WINDOWS) * WINDOW_SAMPLES
    end = (span[1] + _MARGIN_WINDOWS) * WINDOW_SAMPLES
    longest = _LONGEST_S * CALLER_RATE_HZ
    return [pcm[at : min(at + longest, end)] for at in range(begin, min(end, pcm.size), longest)]


def _as_samples(pcm: Pcm) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(pcm / 32768, dtype=np.float32)
