"""An event loop in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final

_STOP_LIMIT_S: Final = 10.0


class LoopThread:
    """Runs an event loop until :meth:`stop`. Its methods are for other threads."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run[Result](self, coroutine: Coroutine[Any, Any, Result], *, limit_s: float) -> Result:
        """Run it there, and wait for what it returns or raises.

        Raises:
            TimeoutError: it took longer; it is cancelled.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(limit_s)
        except TimeoutError:
            future.cancel()
            raise

    def call[Result](self, function: Callable[[], Result], *, limit_s: float = 10.0) -> Result:
        """Call a function there, between everything else, and wait for what it returns or raises."""

        async def called() -> Result:
            return function()

        return self.run(called(), limit_s=limit_s)

    def stop(self) -> None:
        """Stop the loop and end the thread; calling it again does nothing."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_LIMIT_S)
        if not self._thread.is_alive():
            self._loop.close()
