"""When the caller starts and stops speaking: speech probabilities in, turns out. No audio, no time, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from nova_agent.localsonic.inputs import Sensitivity

WINDOW_SAMPLES: Final = 512
WINDOW_MS: Final = 32
"""One probability covers 512 samples at 16 kHz."""

EndpointingProfile = Literal["measured", "docs"]

# "measured": others saw the real service end a turn after 0.40–0.48 s at MEDIUM; HIGH and LOW are ours.
# "docs": Amazon Nova 2 user guide, "sonic-turn-taking".
SILENCE_MS: Final[Mapping[EndpointingProfile, Mapping[Sensitivity, int]]] = {
    "measured": {"HIGH": 300, "MEDIUM": 450, "LOW": 900},
    "docs": {"HIGH": 1500, "MEDIUM": 1750, "LOW": 2000},
}

# Silero's own defaults: speech from 0.5 on, silence below 0.35.
_SPEECH_PROBABILITY = 0.5
_SILENCE_PROBABILITY = 0.35
_SURE_WINDOWS = 3


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller speaks for sure. ``window``: index of the first window with speech."""

    window: int


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The caller has been silent long enough. ``window``: index of the first window after the speech."""

    window: int


class Endpointer:
    """Decides from one speech probability per 32 ms window. Three windows of speech in a row make a start."""

    def __init__(self, silence_ms: int) -> None:
        self._silence_windows = -(-silence_ms // WINDOW_MS)
        self._window = 0
        self._speech_run = 0
        self._silent_since: int | None = None
        self._speaking = False

    @property
    def speaking(self) -> bool:
        return self._speaking

    def push(self, probability: float) -> SpeechStarted | SpeechEnded | None:
        """Take the next window's probability of speech, 0 to 1."""
        self._window += 1
        return self._while_speaking(probability) if self._speaking else self._while_silent(probability)

    def finish(self) -> SpeechEnded | None:
        """The audio stops here: end the speech that is going on, if any."""
        if not self._speaking:
            return None
        return self._end(self._window if self._silent_since is None else self._silent_since)

    def _while_silent(self, probability: float) -> SpeechStarted | None:
        self._speech_run = self._speech_run + 1 if probability >= _SPEECH_PROBABILITY else 0
        if self._speech_run < _SURE_WINDOWS:
            return None
        self._speaking = True
        self._silent_since = None
        return SpeechStarted(self._window - _SURE_WINDOWS)

    def _while_speaking(self, probability: float) -> SpeechEnded | None:
        if probability >= _SILENCE_PROBABILITY:
            self._silent_since = None
            return None
        if self._silent_since is None:
            self._silent_since = self._window - 1
        if self._window - self._silent_since < self._silence_windows:
            return None
        return self._end(self._silent_since)

    def _end(self, window: int) -> SpeechEnded:
        self._speaking = False
        self._speech_run = 0
        self._silent_since = None
        return SpeechEnded(window)
