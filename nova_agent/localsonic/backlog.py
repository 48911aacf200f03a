"""How much the streams of an endpoint hold of messages that have not arrived as a whole."""

from __future__ import annotations

from typing import Final, Protocol

from nova_agent.localsonic.limits import Limits

_LIMIT_BYTES: Final = Limits().unfinished_bytes


class Holder(Protocol):
    """A stream."""

    def give_up(self) -> None:
        """End, and let go of what is held."""
        ...


class Backlog:
    """Keeps the sum below a limit: whoever holds most has to give up, and clients with ordinary messages never do."""

    def __init__(self, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._held: dict[Holder, int] = {}
        self._total_bytes = 0

    def note(self, holder: Holder, held_bytes: int) -> None:
        """A stream now holds so much; 0 when its last message is complete, or when it is over."""
        self._total_bytes += held_bytes - self._held.pop(holder, 0)
        if held_bytes:
            self._held[holder] = held_bytes
        if self._total_bytes > self._limit_bytes:
            largest = max(self._held, key=self._held.__getitem__)
            self._total_bytes -= self._held.pop(largest)
            largest.give_up()
