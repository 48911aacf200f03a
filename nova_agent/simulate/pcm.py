"""PCM as arrays: mono ``int16`` samples, from whatever a mouth returns, at whatever rate a line wants."""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
"""Mono samples, s16."""

CALLER_RATE_HZ: Final = 16_000
"""What a caller's line carries to the agent: 20 ms = 320 samples."""

AGENT_RATE_HZ: Final = 24_000
"""What the agent plays: 20 ms = 480 samples."""

AUDIBLE: Final = 100.0
"""Loudness from which somebody is speaking; a synthetic voice is silent between its words."""


def as_pcm(audio: bytes | bytearray | memoryview | NDArray[np.int16] | NDArray[np.floating]) -> Pcm:
    """Return ``audio`` as mono s16 samples; floats are taken to lie in -1..1 and are clipped there.

    Raises:
        ValueError: an array of more than one dimension.
    """
    if not isinstance(audio, np.ndarray):
        return np.frombuffer(bytes(audio), dtype=np.int16)
    if audio.ndim != 1:
        raise ValueError(f"expected mono audio of one dimension, got the shape {audio.shape}")
    if np.issubdtype(audio.dtype, np.floating):
        return (np.clip(audio, -1.0, 1.0) * 32767).astype(np.int16)
    return audio.astype(np.int16, copy=False)


def resample(pcm: Pcm, from_hz: int, to_hz: int) -> Pcm:
    """Return ``pcm`` at ``to_hz``; the very same array when the rates are equal."""
    if from_hz == to_hz or pcm.size == 0:
        return pcm
    return np.asarray(soxr.resample(pcm, from_hz, to_hz), dtype=np.int16)


def silence(duration_ms: float, rate_hz: int) -> Pcm:
    """Digital silence of that length."""
    return np.zeros(round(duration_ms * rate_hz / 1000), dtype=np.int16)


def duration_ms(pcm: Pcm, rate_hz: int) -> float:
    """How long ``pcm`` sounds."""
    return pcm.size * 1000 / rate_hz


def loudness(pcm: Pcm) -> float:
    """Root mean square in units of a sample (0..32767); 0 for no samples."""
    if pcm.size == 0:
        return 0.0
    return float(np.sqrt(np.mean(np.square(pcm.astype(np.float64)))))


def trimmed(pcm: Pcm, rate_hz: int) -> Pcm:
    """Return ``pcm`` without the silence around it, to 10 ms; all of it when nothing is audible."""
    window = rate_hz // 100
    audible = [at for at in range(0, pcm.size, window) if loudness(pcm[at : at + window]) >= AUDIBLE]
    return pcm[audible[0] : audible[-1] + window] if audible else pcm
