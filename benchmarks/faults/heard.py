"""What the caller has heard of the agent, slot by slot: which answers, how much of each, and when. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from benchmarks.faults.tones import TONE_MS, is_audible, number_in
from nova_agent.simulate.pcm import AGENT_RATE_HZ, Pcm, duration_ms

WHOLE: Final = 0.75
"""The part of an answer that one has to have heard to know it."""


class Heard:
    """Fed by the line, in whose milliseconds all times are.

    ``answers_ms``: how much of each answer, all times together. ``other_ms``: sounds that are no answer, such as
    music or an apology. ``first_ms`` and ``last_ms``: the call's first sound and the end of its last one.
    """

    def __init__(self) -> None:
        self.answers_ms: defaultdict[int, float] = defaultdict(float)
        self.other_ms = 0.0
        self.first_ms: float | None = None
        self.last_ms: float | None = None
        self.quiet_since_ms = 0.0
        self.longest_silence_ms = 0.0

    def hear(self, start_ms: float, pcm: Pcm) -> None:
        """Take up to 20 ms of sound, mono s16 at 24 kHz."""
        if not is_audible(pcm):
            return
        heard_ms = duration_ms(pcm, AGENT_RATE_HZ)
        self.longest_silence_ms = max(self.longest_silence_ms, start_ms - self.quiet_since_ms)
        self.first_ms = start_ms if self.first_ms is None else self.first_ms
        self.last_ms = self.quiet_since_ms = start_ms + heard_ms
        number = number_in(pcm)
        if number is None:
            self.other_ms += heard_ms
        else:
            self.answers_ms[number] += heard_ms

    def begin_silence(self, at_ms: float) -> None:
        """Somebody has asked something: silence is counted from here."""
        self.quiet_since_ms = at_ms
        self.longest_silence_ms = 0.0

    def knows(self, number: int) -> bool:
        """Whether that answer has been heard."""
        return self.answers_ms[number] >= WHOLE * TONE_MS
