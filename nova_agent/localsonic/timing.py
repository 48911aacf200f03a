"""Where the time of each turn goes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class TurnTiming:
    """One turn's stamps: ``time.monotonic()`` seconds, or ``None`` while (or if) the turn has not got there.

    ``speech_end_ms`` is counted in received audio and is ``None`` for typed turns and for answers to tool results.
    ``detected_at`` is when the turn was known to be complete. It is filled in while the turn goes on.
    """

    speech_end_ms: int | None = None
    detected_at: float = field(default_factory=time.monotonic)
    transcribed_at: float | None = None
    decided_at: float | None = None
    first_sentence_at: float | None = None
    first_audio_at: float | None = None

    def transcribed(self) -> None:
        self.transcribed_at = time.monotonic()

    def decided(self) -> None:
        self.decided_at = time.monotonic()

    def sentence_ready(self) -> None:
        self.first_sentence_at = self.first_sentence_at or time.monotonic()

    def audio_sent(self) -> None:
        self.first_audio_at = self.first_audio_at or time.monotonic()
