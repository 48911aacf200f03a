"""Waiting for the last words before a call ends or another persona takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from livekit.agents.voice.speech_handle import SpeechHandle

_log = structlog.get_logger()


def _ignore() -> None:
    """Tell nobody."""


class LastWords:
    """The speech that follows a tool's last directive: the farewell, or the announcement of another persona.

    Args:
        start_limit_s: how long to wait for the model to begin it.
        limit_s: how long it may take altogether.
    """

    def __init__(self, *, start_limit_s: float, limit_s: float) -> None:
        self._start_limit_s = start_limit_s
        self._limit_s = limit_s
        self._next: asyncio.Future[SpeechHandle] | None = None

    def expect(self) -> None:
        """Take the next speech that is created for the last words."""
        self._next = asyncio.get_running_loop().create_future()

    def speech_created(self, speech: SpeechHandle) -> None:
        """Tell of a speech; ignored unless one is expected."""
        if self._next is not None and not self._next.done():
            self._next.set_result(speech)

    async def wait(self, *, begun: Callable[[], None] = _ignore, interrupted: Callable[[], None] = _ignore) -> None:
        """Return when they have been played, or a limit is over. A caller who interrupts them is answered first.

        Args:
            begun: told when a speech begins that may be the last.
            interrupted: told when the caller has interrupted it.
        """
        try:
            async with asyncio.timeout(self._limit_s):
                while (speech := await self._begun()) is not None:
                    begun()
                    await speech.wait_for_playout()
                    if not speech.interrupted:
                        return
                    interrupted()
        except TimeoutError:
            _log.warning("call.farewell_cut", limit_s=self._limit_s)

    async def _begun(self) -> SpeechHandle | None:
        if self._next is None:
            return None
        try:
            async with asyncio.timeout(self._start_limit_s):
                speech = await self._next
        except TimeoutError:
            return None
        self.expect()
        return speech
