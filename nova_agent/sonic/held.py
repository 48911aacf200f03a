"""What the model answers before anybody may hear it: kept in order, and let out all at once (no I/O)."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

Event = dict[str, Any]


class HeldEvents:
    """Passes a session's events on; between :meth:`hold` and :meth:`release` it keeps them."""

    def __init__(self, handle: Callable[[Event], Awaitable[None]]) -> None:
        self._handle = handle
        self._waiting: deque[Event] | None = None
        self.is_holding = False

    def hold(self) -> None:
        """Keep what comes from now on."""
        self._waiting = deque()
        self.is_holding = True

    async def take(self, event: Event) -> None:
        """Take the next event."""
        if self._waiting is None:
            await self._handle(event)
        else:
            self._waiting.append(event)

    async def release(self) -> None:
        """Pass on what was kept; what comes meanwhile comes after it.

        Raises:
            Exception: what the handler raised last; the rest was passed on all the same.
        """
        self.is_holding = False
        failure: Exception | None = None
        try:
            while self._waiting:
                try:
                    await self._handle(self._waiting.popleft())
                except Exception as error:  # noqa: BLE001 – raised below: one event is no reason to lose the others
                    failure = error
        finally:
            self._waiting = None
        if failure is not None:
            raise failure
