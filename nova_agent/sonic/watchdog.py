"""Whether a stream owes an answer for too long (policy, no I/O).

A dead stream often looks alive: it takes audio and says nothing (the service's reported "deaf" sessions). What shows
it are words of the caller, a typed sentence or a tool's result, after which no event comes; an answer that does not go
on; and speech, as far as our own ears can tell, of which nothing is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nova_agent.sonic.exchange import Dialogue
from nova_agent.sonic.ring import RATE_HZ, SpeechEnergy
from nova_agent.sonic.turns import INTERRUPTED_MARKER

UNHEARD_SPEECH_MS: Final = 400
OUTPUT_BYTES_A_SECOND: Final = 2 * 24_000
DRIBBLE_SHARE: Final = 1 / 3
HOLES_SHARE: Final = 0.7
"""Of the patience with a stream that says nothing: this one has been waited for before."""
UNHEARD_AGAIN_S: Final = 60.0
"""Loud noise is no speech: a service that hears nothing in it is doubted at most once a minute."""
FRESH_S: Final = 10.0
"""Speech that has been over for longer and was never told of was none."""
TALKED_OVER_S: Final = 20.0
"""Whoever goes on talking is answered when he has finished; but so long only, because a television never has."""


class NoAnswer(Exception):
    """The stream took everything and answered nothing."""


class Watchdog:
    """Bites once for each thing that is owed; what stays unanswered on the next stream too is let go."""

    def __init__(self, dialogue: Dialogue, ears: SpeechEnergy, *, no_answer_s: float) -> None:
        self._dialogue = dialogue
        self._ears = ears
        self._no_answer_s = no_answer_s
        self._asked_at: float | None = None
        self._last_event_at = 0.0
        self._last_sense_at = 0.0
        self._speech_over_at: float | None = None
        self._spoke_at = 0.0
        self._answers_since: float | None = None
        self._audio_s = 0.0
        self._plays_until = 0.0
        self._doubted_at = -UNHEARD_AGAIN_S

    def asked(self, now: float) -> None:
        """Something was sent that wants an answer."""
        self._asked_at, self._answers_since = now, None

    def moved(self, now: float) -> None:
        """Another stream serves from now on."""
        self._last_event_at = self._last_sense_at = now
        self._answers_since = None

    def answered(self, now: float, event: Mapping[str, Any]) -> None:
        """An event came; one of the model's answer settles what was asked."""
        self._last_event_at = now
        body = event.get("event", {})
        if (audio := body.get("audioOutput")) is not None:
            self._sounded(now, audio.get("content", ""))
        start = body.get("contentStart", {})
        # FINAL texts repeat what was said, and come late: often after the caller's next words.
        if start.get("role") in ("ASSISTANT", "TOOL") and "FINAL" not in str(start.get("additionalModelFields", "")):
            if self._answers_since is None:
                self._answers_since, self._audio_s = now, 0.0
            self._asked_at = None
            self._last_sense_at = now
        elif body.get("textOutput", {}).get("content") == INTERRUPTED_MARKER:
            self._plays_until = now
        elif body.get("textOutput", {}).get("role") == "USER":
            self._asked_at = self._last_sense_at = now
            self._answers_since = None

    def _sounded(self, now: float, content: str) -> None:
        if self._answers_since is None:
            self._answers_since, self._audio_s = now, 0.0
        seconds = len(content) * 3 / 4 / OUTPUT_BYTES_A_SECOND
        self._audio_s += seconds
        self._plays_until = max(now, self._plays_until) + seconds

    def is_playing(self, now: float) -> bool:
        """Whether the caller still hears an answer, all of which has come: only its own stream knows what is
        interrupted."""
        return now < self._plays_until

    def bites(self, now: float) -> bool:
        """Whether the stream is to be given up now."""
        if self._ears.speaking:
            self._spoke_at = now
        if self._dialogue.waits_for_tools():
            # It is our turn. The result asks anew.
            self._answers_since = None
            return False
        if self._is_owed(now) or self._is_stalled(now):
            self._asked_at = None
            if self._dialogue.open is not None and self._dialogue.open.was_replayed:
                # It stayed silent on another stream too: that is the model's choice, or nobody can help.
                self._dialogue.give_up()
                return False
            return True
        return self._is_deaf(now)

    def unheard_from(self, now: float, end: int) -> int | None:
        """Where the caller's last speech begins, if the stream has made nothing of it; ``end``: of the audio so far."""
        begins_at = self._ears.started_at
        if begins_at is None or self._last_sense_at > now - (end - begins_at) / RATE_HZ:
            return None
        is_fresh = self._ears.speaking or end - (self._ears.ended_at or 0) < FRESH_S * RATE_HZ
        return begins_at if is_fresh else None

    def _is_owed(self, now: float) -> bool:
        if self._asked_at is None:
            return False
        since = max(self._asked_at, self._last_event_at)
        return now - max(since, min(self._spoke_at, since + TALKED_OVER_S)) > self._no_answer_s

    def _is_stalled(self, now: float) -> bool:
        """Whether an answer has stopped, or dribbles: the service sends faster than it speaks."""
        if not self._dialogue.is_in_an_answer():
            self._answers_since = None
            return False
        return now - self._last_event_at > self._no_answer_s or self._dribbles(now)

    def _dribbles(self, now: float) -> bool:
        """Whether the caller hears more holes than words, for seconds."""
        if self._answers_since is None:
            return False
        heard_for_s = now - self._answers_since
        holes_s = heard_for_s - self._audio_s
        return holes_s > self._no_answer_s * HOLES_SHARE and self._audio_s < heard_for_s * DRIBBLE_SHARE

    def _is_deaf(self, now: float) -> bool:
        """Whether the caller has spoken, as far as our own ears can tell, and neither words nor an answer came."""
        if self._ears.speaking or self._ears.speech_ms < UNHEARD_SPEECH_MS:
            self._speech_over_at = None
            return False
        if self._speech_over_at is None:
            self._speech_over_at = now
        deaf_s = now - self._speech_over_at
        silent = self._last_sense_at < self._speech_over_at - self._ears.speech_ms / 1000
        if silent and self._no_answer_s < deaf_s < self._no_answer_s + 1 and now - self._doubted_at > UNHEARD_AGAIN_S:
            self._doubted_at = now
            if self._ears.started_at is not None:
                self._dialogue.unheard(self._ears.started_at, now)
            return True
        return False
