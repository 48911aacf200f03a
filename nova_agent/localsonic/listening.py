"""From the caller's PCM to utterances: resampling, 32 ms windows, pre-roll, endpointing. No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from nova_agent.localsonic.endpointing import WINDOW_MS, WINDOW_SAMPLES, Endpointer, SpeechEnded, SpeechStarted
from nova_agent.localsonic.limits import SPEECH_S

Samples = NDArray[np.float32]
"""Mono, 16 kHz, -1 to 1."""

RATE_HZ: Final = 16_000
_PREROLL_WINDOWS: Final = 8
_TAIL_WINDOWS: Final = 6
_PIECE_WINDOWS: Final = 25_000 // WINDOW_MS
_LONGEST_WINDOWS: Final = SPEECH_S * 1_000 // WINDOW_MS
_CUT_SEARCH_WINDOWS: Final = 3_000 // WINDOW_MS


class VoiceActivity(Protocol):
    """One caller's speech detector; it remembers the audio before."""

    def probability(self, window: Samples) -> float:
        """Return how likely the window of 512 samples holds speech, 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class UtteranceStarted:
    """``start_ms``: where the speech began, in received audio."""

    start_ms: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """A finished stretch of speech, with a little of the audio around it.

    ``pieces`` are to be recognised one by one: speech longer than 25 s is cut where it is quietest.
    ``end_ms`` is where the speech ended and ``detected_ms`` where that was known, in received audio.
    """

    pieces: tuple[Samples, ...]
    end_ms: int
    detected_ms: int

    @property
    def samples(self) -> int:
        return sum(map(len, self.pieces))


class Listener:
    """Follows one stream's caller audio. Offsets count over all audio of the stream."""

    def __init__(self, activity: VoiceActivity, silence_ms: int) -> None:
        self._activity = activity
        self._endpointer = Endpointer(silence_ms)
        self._resampler: soxr.ResampleStream | None = None
        self._rest: Samples = np.zeros(0, dtype=np.float32)
        self._recent: deque[Samples] = deque(maxlen=_PREROLL_WINDOWS + 3)
        self._speech: list[Samples] = []
        self._probabilities: list[float] = []
        self._windows = 0
        self._first_window = 0

    @property
    def heard_ms(self) -> int:
        """How much audio has been received, in whole milliseconds."""
        return self._windows * WINDOW_MS + len(self._rest) * 1000 // RATE_HZ

    @property
    def speaking(self) -> bool:
        return self._endpointer.speaking

    def open(self, rate_hz: int) -> None:
        """Audio of this rate follows."""
        self._resampler = None if rate_hz == RATE_HZ else soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32")

    def hear(self, pcm: bytes) -> Iterator[UtteranceStarted | Utterance]:
        """Take PCM s16le at the opened rate, any length, and yield what it shows, in order."""
        samples: Samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(32768)
        if self._resampler is not None:
            samples = np.asarray(self._resampler.resample_chunk(samples), dtype=np.float32)
        self._rest = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        while len(self._rest) >= WINDOW_SAMPLES:
            window, self._rest = self._rest[:WINDOW_SAMPLES], self._rest[WINDOW_SAMPLES:]
            if (found := self._window(window)) is not None:
                yield found

    def close(self) -> Utterance | None:
        """The audio stops here; return the speech that was going on."""
        ended = self._endpointer.finish()
        return None if ended is None else self._utterance(ended)

    def _window(self, window: Samples) -> UtteranceStarted | Utterance | None:
        probability = self._activity.probability(window)
        self._windows += 1
        self._recent.append(window)
        if self._endpointer.speaking:
            self._speech.append(window)
            self._probabilities.append(probability)
        match self._endpointer.push(probability):
            case SpeechStarted(first):
                self._speech = list(self._recent)
                self._probabilities = [probability] * len(self._speech)
                self._first_window = self._windows - len(self._speech)
                return UtteranceStarted(first * WINDOW_MS)
            case SpeechEnded() as ended:
                return self._utterance(ended)
            case None:
                return self.close() if len(self._speech) > _LONGEST_WINDOWS else None

    def _utterance(self, ended: SpeechEnded) -> Utterance:
        keep = ended.window - self._first_window + _TAIL_WINDOWS
        pieces = tuple(
            np.concatenate(self._speech[start:end]) for start, end in piece_bounds(self._probabilities[:keep])
        )
        self._speech, self._probabilities = [], []
        return Utterance(pieces, ended.window * WINDOW_MS, self._windows * WINDOW_MS)


def piece_bounds(probabilities: list[float]) -> list[tuple[int, int]]:
    """Cut a run of windows into pieces of at most 25 s, each at the least speech-like window of its last 3 s."""
    bounds: list[tuple[int, int]] = []
    start = 0
    while len(probabilities) - start > _PIECE_WINDOWS:
        last = start + _PIECE_WINDOWS
        cut = min(range(last - _CUT_SEARCH_WINDOWS, last), key=probabilities.__getitem__)
        bounds.append((start, cut))
        start = cut
    bounds.append((start, len(probabilities)))
    return bounds
