"""The caller's side of a typed call: standard input, line by line, and whose turn it is."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from threading import Thread
from typing import Any, Final

ANSWER_LIMIT_S: Final = 60.0
"""How long an answer may take, spoken to its end; then the caller goes on without one."""


class Floor:
    """Who has the floor: the caller, once the agent has answered. Subscribe it to the call's record.

    An answer may need a tool, and then comes in a speech of its own after the tool has returned.
    """

    def __init__(self) -> None:
        self._is_callers = asyncio.Event()

    def __call__(self, event: dict[str, Any]) -> None:
        """Take one event of the record."""
        if event["event"] == "turn.agent":
            self._is_callers.set()
        elif event["event"] in ("tool.called", "tool.returned"):
            self._is_callers.clear()

    def take(self) -> None:
        """The caller is about to speak; the next word is the agent's."""
        self._is_callers.clear()

    async def wait(self) -> None:
        """Wait until the agent has answered, or for as long as an answer may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await self._is_callers.wait()


def typed_lines() -> asyncio.Queue[str]:
    """Return a queue of what is typed from now on, stripped; an empty text is an empty line or the end of input."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    # A daemon: a call that the agent ends must not wait for somebody to press Enter once more.
    Thread(target=_read, args=(asyncio.get_running_loop(), lines), name="typed-lines", daemon=True).start()
    return lines


def _read(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str]) -> None:
    # Unbuffered: a thread that sleeps in sys.stdin holds its lock, and the interpreter could not shut down.
    with (
        contextlib.suppress(RuntimeError),  # the loop is closed: the call was over first
        open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as stdin,
    ):
        for line in stdin:
            text = line.decode(errors="replace").strip()
            loop.call_soon_threadsafe(lines.put_nowait, text)
            if not text:
                return
        loop.call_soon_threadsafe(lines.put_nowait, "")
