"""From frames to the native client, without a task, a queue and a wake-up of the event loop for each (I/O).

The SDK passes each frame through a provider with a lock, a generator, and a future that the native thread sets, which
costs two turns of the event loop (smithy_http 0.6, awscrt 0.32).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import _awscrt
from awscrt import exceptions as crt_exceptions
from awscrt.io import InputStream

MOST_UNDER_WAY: Final = 16
"""So many frames may wait for the connection, as in the SDK's own queue."""

Write = Callable[[bytes, Callable[[int], None]], None]
"""Takes a frame, and what to call, from any one thread, with an error code when it has left; 0 for no error."""


def native_write(stream: Any) -> Write:
    """How to write to an open HTTP/2 stream of the CRT; what comes first leaves first.

    ``AIOHttp2ClientStream`` has the same call in a coroutine that waits until the frame has left (awscrt 0.32).
    """

    def write(frame: bytes, written: Callable[[int], None]) -> None:
        _awscrt.http2_client_stream_write_data(stream, InputStream.wrap(BytesIO(frame)), False, written)

    return write


class Outlet:
    """Writes frames in the order of the calls, and tells when the connection does not take them.

    The two counters have one writer each, this thread and the native one, so that neither needs a lock.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._loop = asyncio.get_running_loop()
        self._begun = 0
        self._done = 0
        self._error_code = 0
        self._waiting = 0
        self._moved = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether :meth:`write` may be called."""
        return self._begun - self._done < MOST_UNDER_WAY

    async def room(self) -> None:
        """Wait until there is room; on a connection that is blocked that may be for ever."""
        self._waiting += 1
        try:
            while not self.has_room:
                self._moved.clear()
                if not self.has_room:
                    await self._moved.wait()
        finally:
            self._waiting -= 1

    def write(self, frame: bytes) -> None:
        """Hand a frame over.

        Raises:
            OSError: the stream is over.
        """
        if self._error_code:
            raise OSError("the stream is over") from crt_exceptions.from_code(self._error_code)
        self._begun += 1
        try:
            self._write(frame, self._written)
        except Exception as error:
            self._begun -= 1
            raise OSError("the stream is over") from error

    def _written(self, error_code: int) -> None:
        self._error_code = self._error_code or error_code
        self._done += 1
        if self._waiting and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._moved.set)
