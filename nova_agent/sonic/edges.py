"""The silence before an answer and after it, which need not be played when voices take turns (no I/O)."""

from __future__ import annotations

from typing import Final

import numpy as np

_WINDOW_BYTES: Final = 480
"""10 ms of PCM s16le, mono, 24 kHz."""
_AUDIBLE: Final = 100.0
"""Root mean square in units of a sample, -50 dBFS: a synthetic voice is quieter than that between its words."""
_PAUSE_BYTES: Final = 4_800
"""100 ms: voices that follow each other without any pause sound cut."""


class SilentEdges:
    """Passes an answer's audio on: PCM s16le, mono, 24 kHz, without the silence at an end that is to be trimmed."""

    def __init__(self) -> None:
        self._trims_head = False
        self._trims_tail = False
        self._tail = b""
        self._pause_bytes = 0

    @property
    def trims(self) -> bool:
        """Whether there is anything to do: otherwise nobody needs to look at the audio."""
        return self._trims_head or self._trims_tail

    def trim_head(self) -> None:
        """Leave out the silence before the next sound."""
        self._trims_head = True

    def trim_tail(self) -> None:
        """From now on leave out the silence after which an answer ends, but for 100 ms.

        As long as it may be the last, silence waits for the sound after it.
        """
        self._trims_tail = True

    def take(self, pcm: bytes) -> bytes:
        """Take the next piece and return what is to be played now, perhaps nothing."""
        begin, end = _sound(pcm)
        if self._trims_head:
            if begin == end:
                return b""
            self._trims_head = False
            pcm, end = pcm[begin:], end - begin
        if not self._trims_tail:
            return pcm
        if begin == end:
            return self._pause(pcm)
        played, self._tail, self._pause_bytes = self._tail + pcm[:end], b"", 0
        return played + self._pause(pcm[end:])

    def _pause(self, silence: bytes) -> bytes:
        room = max(0, _PAUSE_BYTES - self._pause_bytes)
        self._pause_bytes += len(silence[:room])
        self._tail += silence[room:]
        return silence[:room]

    def ended(self) -> None:
        """The answer is over."""
        self._tail, self._pause_bytes = b"", 0


def _sound(pcm: bytes) -> tuple[int, int]:
    """From which byte to which one there is sound, in whole windows; twice the same when there is none."""
    windows = [pcm[at : at + _WINDOW_BYTES] for at in range(0, len(pcm), _WINDOW_BYTES)]
    audible = [number for number, window in enumerate(windows) if _loudness(window) >= _AUDIBLE]
    if not audible:
        return 0, 0
    return audible[0] * _WINDOW_BYTES, min(len(pcm), (audible[-1] + 1) * _WINDOW_BYTES)


def _loudness(window: bytes) -> float:
    samples = np.frombuffer(window, dtype="<i2").astype(np.float32)
    return float(np.sqrt(np.mean(samples * samples))) if samples.size else 0.0
