"""Standard input, line by line, beside a running event loop."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from threading import Thread


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
        open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as stdin,  # noqa: PTH123 – a descriptor, no path
    ):
        for line in stdin:
            text = line.decode(errors="replace").strip()
            loop.call_soon_threadsafe(lines.put_nowait, text)
            if not text:
                return
        loop.call_soon_threadsafe(lines.put_nowait, "")
