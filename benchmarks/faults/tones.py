"""Answers that tell their number by their sound, so that a caller knows which of them it hears without recognition."""

from __future__ import annotations

from typing import Final

import numpy as np

from nova_agent.simulate.pcm import AGENT_RATE_HZ, AUDIBLE, Pcm, loudness

TONE_MS: Final = 800
PARDON: Final = 30
"""The model has heard somebody, and not understood."""
PLEASANTRY: Final = 31
"""The model was typed to about nothing in particular."""

_LOWEST_HZ: Final = 500
_STEP_HZ: Final = 100
"""Twice what a slot of 20 ms tells apart."""
_AMPLITUDE: Final = 8_000
_LEAST_SAMPLES: Final = AGENT_RATE_HZ * 10 // 1000
_PURE: Final = 0.5


def tone(number: int, rate_hz: int, duration_ms: int = TONE_MS) -> Pcm:
    """Return the sound of a number, mono s16."""
    times = np.arange(rate_hz * duration_ms // 1000) / rate_hz
    sound = _AMPLITUDE * np.sin(2 * np.pi * (_LOWEST_HZ + _STEP_HZ * number) * times)
    return np.asarray(sound, dtype=np.int16)


def number_in(slot: Pcm) -> int | None:
    """Return the number that a slot of at most 20 ms at 24 kHz sounds; ``None`` for any other sound, or too little."""
    if slot.size < _LEAST_SAMPLES or not is_audible(slot):
        return None
    power = np.abs(np.fft.rfft(slot * np.hanning(slot.size), n=AGENT_RATE_HZ // 50)) ** 2
    peak = int(power.argmax())
    if power[max(0, peak - 3) : peak + 4].sum() < _PURE * power.sum():
        return None
    number, rest_hz = divmod(peak * 50 - _LOWEST_HZ + _STEP_HZ // 2, _STEP_HZ)
    return number if 0 <= number <= PLEASANTRY and rest_hz >= 0 else None


def is_audible(slot: Pcm) -> bool:
    """Whether a slot is more than silence."""
    return loudness(slot) >= AUDIBLE
