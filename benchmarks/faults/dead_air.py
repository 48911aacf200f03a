"""The longest time in which nobody is heard on a line: neither the caller nor the agent. Pure."""

from __future__ import annotations


class DeadAir:
    """Is told of sounds, in milliseconds of the line; each begins no earlier than the last one by the same side."""

    def __init__(self) -> None:
        self._sounds: list[tuple[float, float]] = []

    def sound(self, start_ms: float, end_ms: float) -> None:
        """Somebody is heard from here to there."""
        if self._sounds and start_ms <= self._sounds[-1][1] and start_ms >= self._sounds[-1][0]:
            start_ms, last_end_ms = self._sounds.pop()
            end_ms = max(end_ms, last_end_ms)
        self._sounds.append((start_ms, end_ms))

    def longest_ms(self, ended_ms: float) -> float:
        """The longest silence of a call that began at 0 and ended then."""
        longest_ms = until_ms = 0.0
        for start_ms, end_ms in [*sorted(self._sounds), (ended_ms, ended_ms)]:
            longest_ms = max(longest_ms, min(start_ms, ended_ms) - until_ms)
            until_ms = max(until_ms, end_ms)
        return longest_ms
