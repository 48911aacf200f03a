"""The response to one HTTP/2 request: what waits to be sent, and how much of it may leave."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nova_agent.localsonic.http2 import Http2Connection

_ROOM_BYTES: Final = 256 * 1024
_ENHANCE_YOUR_CALM: Final = 0xB


class Exchange:
    """The response to one request. After :meth:`end`, and once the client is gone, everything sent is dropped."""

    def __init__(self, connection: Http2Connection, stream_id: int) -> None:
        self._connection = connection
        self._stream_id = stream_id
        self._outgoing = bytearray()
        self._ending = False
        self._over = False
        self._allowance: int | None = None
        self._room = asyncio.Event()
        self._room.set()

    @property
    def connection(self) -> Http2Connection:
        return self._connection

    @property
    def is_over(self) -> bool:
        """Whether everything was sent, or nothing will arrive any more."""
        return self._over

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the response headers."""
        if not self._over:
            self._connection.send_headers(self._stream_id, [(":status", str(status)), *headers.items()])

    def send(self, data: bytes) -> None:
        """Queue a part of the body; it leaves as the client's window allows. One who makes too much wait is reset."""
        if not (self._over or self._ending):
            self._outgoing += data
            self.flush()
            if len(self._outgoing) > self._connection.limits.unsent_bytes:
                self.reset(_ENHANCE_YOUR_CALM)

    def end(self) -> None:
        """END_STREAM after everything queued."""
        if not (self._over or self._ending):
            self._ending = True
            self.flush()

    async def drained(self) -> None:
        """Return when less than 256 KiB are waiting, or the client is gone."""
        await self._room.wait()

    def flush(self) -> None:
        """Send what the client's window has room for, and :meth:`allow` allows."""
        waiting = len(self._outgoing)
        allowed = waiting if self._allowance is None else min(self._allowance, waiting)
        ends = self._ending and self._allowance != 0 and allowed == waiting
        data = self._outgoing if allowed == waiting else self._outgoing[:allowed]
        sent = self._connection.send_data(self._stream_id, data, end=ends)
        del self._outgoing[:sent]
        if self._allowance is not None:
            self._allowance -= sent
        if ends and not self._outgoing:
            self._over = True
            self._connection.forget(self._stream_id)
        if self._over or len(self._outgoing) < _ROOM_BYTES:
            self._room.set()
        else:
            self._room.clear()

    def allow(self, allowance_bytes: int | None) -> None:
        """Let so much of the body leave and hold the rest back; ``None`` holds nothing back any more.

        END_STREAM waits as well when nothing is allowed.
        """
        self._allowance = allowance_bytes
        if not self._over:
            self.flush()

    def reset(self, code: int) -> None:
        """RST_STREAM with this error code: the stream is lost on both sides."""
        if not self._over:
            self._connection.reset(self._stream_id, code)

    def block_window(self) -> None:
        """Let the client send nothing more of its body."""
        if not self._over:
            self._connection.block_window(self._stream_id)

    def unblock_window(self) -> None:
        """Let the client go on; without :meth:`block_window` this does nothing."""
        self._connection.unblock_window(self._stream_id)

    def abandon(self) -> None:
        """The client is gone."""
        self._over = True
        self._outgoing.clear()
        self._room.set()
