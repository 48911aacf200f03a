"""A response whose status and headers can be held back, with everything behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Response(Protocol):
    """The response to a stream's request."""

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send status and headers."""
        ...

    def send(self, data: bytes) -> None:
        """Queue a part of the body."""
        ...

    def end(self) -> None:
        """Send END_STREAM."""
        ...

    async def drained(self) -> None:
        """Return when there is room for more."""
        ...


class HeldResponse:
    """Passes a response on, or keeps all of it until it is released."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self._is_held = False
        self._head: tuple[int, Mapping[str, str]] | None = None
        self._body = bytearray()
        self._has_ended = False

    def hold(self) -> None:
        """Keep what comes from now on; call it before :meth:`start`."""
        self._is_held = True

    def release(self) -> None:
        """Send what was kept, and keep nothing any more."""
        self._is_held = False
        if self._head is not None:
            self._response.start(*self._head)
        if self._body:
            self._response.send(bytes(self._body))
        if self._has_ended:
            self._response.end()

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        if self._is_held:
            self._head = (status, headers)
        else:
            self._response.start(status, headers)

    def send(self, data: bytes) -> None:
        if not self._is_held:
            self._response.send(data)
        elif not self._has_ended:
            self._body += data

    def end(self) -> None:
        if self._is_held:
            self._has_ended = True
        else:
            self._response.end()

    async def drained(self) -> None:
        await self._response.drained()
