"""The agent's turns as a listener makes them out: from what was played and the silence after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nova_agent.simulate.line import SLOT_MS, AgentAudio
from nova_agent.simulate.pcm import AGENT_RATE_HZ, AUDIBLE, Pcm, loudness


@dataclass(frozen=True, slots=True)
class AgentTurn:
    """One turn of the agent: when it was audible, and its audio (mono s16, 24 kHz, gaps filled with silence)."""

    start_ms: int
    end_ms: int
    pcm: Pcm


class TurnTracker:
    """Cuts played audio into turns. It has no clock: the listener tells it line time."""

    def __init__(self, *, silence_ms: int = 1_200, after_playback_ms: int = 500) -> None:
        """End a turn ``silence_ms`` after its last sound, or ``after_playback_ms`` once its playback is over.

        The first is longer than the pause between two sentences of one answer (0.26 s with Local Sonic's voice):
        a person hears from the intonation that more will come.
        """
        self._silence_ms = silence_ms
        self._after_playback_ms = after_playback_ms
        self._slots: list[AgentAudio] = []
        self._start_ms: int | None = None
        self._end_ms = 0
        self._playback_over = False

    @property
    def started_ms(self) -> int | None:
        """When the turn in progress was first audible, or None while the agent is silent."""
        return self._start_ms

    @property
    def last_audible_ms(self) -> int:
        """When the agent was last heard; 0 before it ever was."""
        return self._end_ms

    def audio_played(self, audio: AgentAudio) -> None:
        """Take note of one slot."""
        if loudness(audio.pcm) >= AUDIBLE:
            if self._start_ms is None:
                self._start_ms = audio.start_ms
            self._end_ms = audio.start_ms + SLOT_MS
            self._playback_over = False
        if self._start_ms is not None:
            self._slots.append(audio)

    def playback_ended(self) -> None:
        """Take note that the agent has played out what it had, or has been cut short."""
        self._playback_over = True

    def so_far(self) -> Pcm:
        """The audio of the turn in progress; empty while the agent is silent."""
        if self._start_ms is None:
            return np.zeros(0, dtype=np.int16)
        return _joined(self._slots, self._start_ms)

    def completed(self, now_ms: int) -> AgentTurn | None:
        """Return the turn that is over by now, once, or None."""
        if self._start_ms is None:
            return None
        wanted_ms = self._after_playback_ms if self._playback_over else self._silence_ms
        if now_ms - self._end_ms < wanted_ms:
            return None
        return self.finish()

    def finish(self) -> AgentTurn | None:
        """Return the turn in progress as it stands, once, or None; for when the line has ended."""
        if self._start_ms is None:
            return None
        turn = AgentTurn(self._start_ms, self._end_ms, self.so_far())
        self._slots, self._start_ms = [], None
        return turn


def _joined(slots: list[AgentAudio], start_ms: int) -> Pcm:
    """Lay the slots out on line time, from ``start_ms`` on."""
    samples_per_ms = AGENT_RATE_HZ // 1000
    length = (slots[-1].start_ms - start_ms) * samples_per_ms + slots[-1].pcm.size
    pcm = np.zeros(length, dtype=np.int16)
    for slot in slots:
        offset = (slot.start_ms - start_ms) * samples_per_ms
        pcm[offset : offset + slot.pcm.size] = slot.pcm
    return pcm
