"""The stereo recording of a call: the caller on the left, the agent on the right, both on line time."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from nova_agent.errors import RecordError
from nova_agent.simulate.pcm import AGENT_RATE_HZ, CALLER_RATE_HZ, Pcm

_WRITE_EVERY_S: Final = 1
"""The file is valid, and at most this much audio behind, whenever the process dies."""


class StereoRecorder:
    """Writes PCM s16le, stereo, 24 kHz, as the call goes on. Silence is recorded too, so the channels stay aligned."""

    def __init__(self, path: Path) -> None:
        """Open ``path`` for writing, with its folder.

        Raises:
            RecordError: the file cannot be written.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._wav = wave.open(str(path), "wb")  # noqa: SIM115 - the recorder owns the file until close()
        except OSError as error:
            raise RecordError(
                f"the recording {path} cannot be written ({error.strerror}). Choose another place."
            ) from error
        self._wav.setnchannels(2)
        self._wav.setsampwidth(2)
        self._wav.setframerate(AGENT_RATE_HZ)
        self._upsampler = soxr.ResampleStream(CALLER_RATE_HZ, AGENT_RATE_HZ, 1, dtype="int16")
        self._left = np.zeros(0, dtype=np.int16)
        self._right = np.zeros(0, dtype=np.int16)
        self._closed = False

    def write(self, caller: Pcm, agent: Pcm) -> None:
        """Append one slot of both channels: ``caller`` at 16 kHz and ``agent`` at 24 kHz, of equal duration."""
        if self._closed:
            return
        self._left = np.concatenate((self._left, self._upsampler.resample_chunk(caller)))
        self._right = np.concatenate((self._right, agent))
        if self._right.size >= _WRITE_EVERY_S * AGENT_RATE_HZ:
            self._write_aligned(min(self._left.size, self._right.size))

    def close(self) -> None:
        """Write what is left and finalise the header. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        rest = self._upsampler.resample_chunk(np.zeros(0, dtype=np.int16), last=True)
        self._left = np.concatenate((self._left, rest))
        length = self._right.size
        missing = max(0, length - self._left.size)
        self._left = np.concatenate((self._left, np.zeros(missing, dtype=np.int16)))
        self._write_aligned(length)
        self._wav.close()

    def _write_aligned(self, frames: int) -> None:
        # The resampler holds back a few milliseconds, so only what both channels have is written.
        stereo = np.column_stack((self._left[:frames], self._right[:frames]))
        self._wav.writeframes(stereo.astype("<i2").tobytes())
        self._left = self._left[frames:]
        self._right = self._right[frames:]


def read_channels(path: Path) -> tuple[Pcm, Pcm, int]:
    """Read a recording back: the caller's channel, the agent's channel, and their rate in Hz.

    Raises:
        ValueError: the file is not stereo s16.
    """
    with wave.open(str(path), "rb") as wav:
        if wav.getnchannels() != 2 or wav.getsampwidth() != 2:
            raise ValueError(f"{path}: expected a stereo recording of 16-bit samples")
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").reshape(-1, 2)
        return samples[:, 0].astype(np.int16), samples[:, 1].astype(np.int16), wav.getframerate()
