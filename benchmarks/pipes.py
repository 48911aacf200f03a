"""Processes of a measurement that are told what to do, and tell what came of it, line by line."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

_STOP_LIMIT_S: Final = 10.0
_LONGEST_LINE_BYTES: Final = 64 * 1024 * 1024


@asynccontextmanager
async def module_process(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module of ours, with these variables besides, until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE_BYTES,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(_STOP_LIMIT_S):
            await process.wait()


def tell(process: asyncio.subprocess.Process, line: bytes) -> None:
    """Write a line to its standard input."""
    assert process.stdin is not None  # noqa: S101 – module_process asked for it
    process.stdin.write(line + b"\n")


async def line_of(process: asyncio.subprocess.Process, limit_s: float) -> bytes:
    """Return the next line that it writes.

    Raises:
        TimeoutError: it did not write one in time.
        RuntimeError: it ended.
    """
    assert process.stdout is not None  # noqa: S101 – module_process asked for it
    async with asyncio.timeout(limit_s):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError("A process of the measurement ended early; what it wrote stands above.")
    return line
