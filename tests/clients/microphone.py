"""A microphone: what is said into it comes out in real time, with silence around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

RATE_HZ: Final = 16_000
PIECE_MS: Final = 32
_PIECE_BYTES: Final = 2 * RATE_HZ * PIECE_MS // 1000


class Microphone:
    """PCM s16le, mono, 16 kHz, in pieces of 32 ms = 512 samples = 1024 bytes."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def say(self, pcm: bytes) -> None:
        self._waiting += pcm

    async def pieces(self) -> AsyncIterator[bytes]:
        """Every piece at the moment when it has been spoken; without end."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            piece = bytes(self._waiting[:_PIECE_BYTES])
            del self._waiting[:_PIECE_BYTES]
            yield piece.ljust(_PIECE_BYTES, b"\0")
            due += PIECE_MS / 1000
            await asyncio.sleep(max(0.0, due - loop.time()))
