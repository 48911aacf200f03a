"""How a step's words are delivered: plainly, with hesitation, or mumbled."""

from __future__ import annotations

from typing import Final

import numpy as np

from nova_agent.localsonic.sentences import split_sentences
from nova_agent.simulate.pcm import Pcm, resample, silence, trimmed
from nova_agent.simulate.script import Step
from nova_agent.simulate.speech import Voice

_BREATH_MS: Final = 280
_PAUSE_MARK: Final = "…"
_FILLER: Final = "Um,"
_MUMBLE_GAIN: Final = 0.35
_MUMBLE_PACE: Final = 1.08
_MUMBLE_CUTOFF_HZ: Final = 2_800


async def deliver(step: Step, voice: Voice) -> Pcm:
    """Return the step's words as ``voice`` says them, at its rate; empty when the step says nothing.

    The silence that a voice leaves around a sentence is cut off, so that pauses are as long as the script says.
    """
    if not step.say:
        return np.zeros(0, dtype=np.int16)
    pieces = [await _spoken(piece, voice) for piece in _pieces(step)]
    pause = silence(step.hesitate or 0, voice.rate_hz)
    spoken = pieces[0]
    for piece in pieces[1:]:
        spoken = np.concatenate((spoken, pause, piece))
    return _mumbled(spoken, voice.rate_hz) if step.mumble else spoken


async def _spoken(text: str, voice: Voice) -> Pcm:
    """Say sentence by sentence with a breath between: the voice alone would pause long enough to end a turn."""
    spoken = np.zeros(0, dtype=np.int16)
    for sentence in split_sentences(text) or [text]:
        said = trimmed(await voice.speak(sentence.strip()), voice.rate_hz)
        breath = silence(_BREATH_MS if spoken.size else 0, voice.rate_hz)
        spoken = np.concatenate((spoken, breath, said))
    return spoken


def _pieces(step: Step) -> list[str]:
    """Split the words at their pauses; a hesitation without a mark goes behind an "um"."""
    if step.hesitate is None:
        return [step.say.replace(_PAUSE_MARK, " ")]
    pieces = [piece.strip() for piece in step.say.split(_PAUSE_MARK) if piece.strip()]
    return pieces if len(pieces) > 1 else [_FILLER, *pieces]


def _mumbled(pcm: Pcm, rate_hz: int) -> Pcm:
    """Return ``pcm`` faster, without its upper frequencies, and at a third of its level."""
    faster = resample(pcm, round(rate_hz * _MUMBLE_PACE), rate_hz)
    spectrum = np.fft.rfft(faster.astype(np.float64))
    frequencies = np.fft.rfftfreq(faster.size, 1 / rate_hz)
    rolled_off = spectrum / (1 + (frequencies / _MUMBLE_CUTOFF_HZ) ** 4)
    return (np.fft.irfft(rolled_off, faster.size) * _MUMBLE_GAIN).clip(-32768, 32767).astype(np.int16)
