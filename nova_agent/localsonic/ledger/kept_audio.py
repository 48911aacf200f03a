"""The caller's own audio, kept for listening to what arrived."""

from __future__ import annotations

import io
import wave
from collections import deque


class KeptAudio:
    """The last seconds of one stream's audio; a content of another rate starts anew."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._rate_hz = 0
        self._pieces: deque[bytes] = deque()
        self._bytes = 0

    @property
    def rate_hz(self) -> int:
        """0 before any audio."""
        return self._rate_hz

    @property
    def pcm(self) -> bytes:
        """PCM s16le, mono."""
        return b"".join(self._pieces)

    def start(self, rate_hz: int) -> None:
        """Audio of this rate follows."""
        if rate_hz != self._rate_hz:
            self._pieces.clear()
            self._bytes = 0
        self._rate_hz = rate_hz

    def feed(self, pcm: bytes) -> None:
        """Take whole samples, and drop the oldest event's when there are enough without it."""
        self._pieces.append(pcm)
        self._bytes += len(pcm)
        while self._bytes - len(self._pieces[0]) >= self._seconds * self._rate_hz * 2:
            self._bytes -= len(self._pieces.popleft())

    def flush(self) -> None:
        """Nothing waits."""

    def wav(self) -> bytes:
        """Return it as a WAV file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(self._rate_hz)
            writer.writeframes(self.pcm)
        return file.getvalue()
