"""The caller's audio as Nova Sonic takes it, from whatever a room or a line gives. No I/O."""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr
from livekit import rtc

from nova_agent.sonic.ring import RATE_HZ

_QUALITY: Final = "MQ"
"""As the plugin's, which reaches the same library through a message to LiveKit's native part and back."""


class CallerAudio:
    """Makes PCM s16le, mono, 16 kHz of frames, one after another.

    50 ms at 24 kHz take 9 µs, where ``rtc.AudioResampler`` takes 38 for the same samples (measured).
    """

    def __init__(self) -> None:
        self._rate_hz = RATE_HZ
        self._resampler: soxr.ResampleStream | None = None

    def take(self, frame: rtc.AudioFrame) -> bytes:
        """Return what there is so far; up to 15 ms stay behind until more comes."""
        samples = np.frombuffer(frame.data, dtype=np.int16)
        if frame.num_channels > 1:
            samples = samples.reshape(-1, frame.num_channels).mean(axis=1).astype(np.int16)
        if frame.sample_rate != self._rate_hz:
            self._change_rate(frame.sample_rate)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        return samples.tobytes()

    def _change_rate(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        same = rate_hz == RATE_HZ
        self._resampler = None if same else soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="int16", quality=_QUALITY)
