"""The last seconds of a caller's audio, for streams that overlap and for words that have to be sent again. No network.

Positions count samples since the call began, so that several readers can each be somewhere else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from nova_agent.sonic.energy import RATE_HZ, SpeechEnergy

__all__ = ["CHUNK_BYTES", "RATE_HZ", "AudioRing", "SpeechEnergy"]

CHUNK_BYTES: Final = 1024
"""512 samples, 32 ms: what is sent at once."""

_SAMPLE_BYTES: Final = 2
_BLOCK_SAMPLES: Final = 16_384
_BLOCK_BYTES: Final = _BLOCK_SAMPLES * _SAMPLE_BYTES


class AudioRing:
    """Keeps PCM s16le, mono, 16 kHz: 32 kB a second, in blocks of about a second that are forgotten as a whole.

    Args:
        keep_s: at least so much is kept, and less than two seconds more.
    """

    def __init__(self, keep_s: float = 90.0) -> None:
        self._keep_blocks = -(-round(keep_s * RATE_HZ) // _BLOCK_SAMPLES) + 1
        self._blocks: deque[bytearray] = deque()
        self._first_block = 0
        self._end = 0
        self._grown = asyncio.Event()

    @property
    def start(self) -> int:
        """The oldest position that is kept."""
        return self._first_block * _BLOCK_SAMPLES

    @property
    def end(self) -> int:
        """The position of the next sample to come."""
        return self._end

    def push(self, pcm: bytes) -> None:
        """Take what the caller says, any length.

        Raises:
            ValueError: half a sample was given; nothing has been taken.
        """
        if len(pcm) % _SAMPLE_BYTES:
            raise ValueError(f"{len(pcm)} bytes are no whole samples of 16 bits")
        self._store(pcm)
        # Whoever waits now goes on; who waits from here on waits for the next push.
        self._grown.set()
        self._grown.clear()

    def read(self, position: int, limit_samples: int = CHUNK_BYTES // _SAMPLE_BYTES) -> bytes:
        """Return samples from a position on, nothing at the end; one that is gone becomes the oldest there is."""
        position = max(position, self.start)
        left_bytes = min(limit_samples, self._end - position) * _SAMPLE_BYTES
        pieces: list[bytes] = []
        while left_bytes > 0:
            index, offset = divmod(position, _BLOCK_SAMPLES)
            begin = offset * _SAMPLE_BYTES
            piece = bytes(self._blocks[index - self._first_block][begin : begin + left_bytes])
            pieces.append(piece)
            left_bytes -= len(piece)
            position += len(piece) // _SAMPLE_BYTES
        return b"".join(pieces)

    def lost(self, position: int) -> int:
        """How many samples from this position on are no longer kept."""
        return max(0, self.start - position)

    async def more(self, position: int) -> None:
        """Wait until there is something to read at this position."""
        while self._end <= position:
            await self._grown.wait()

    def _store(self, pcm: bytes) -> None:
        taken = 0
        while taken < len(pcm):
            begin = self._end % _BLOCK_SAMPLES * _SAMPLE_BYTES
            if begin == 0:
                self._new_block()
            piece = pcm[taken : taken + _BLOCK_BYTES - begin]
            self._blocks[-1][begin : begin + len(piece)] = piece
            taken += len(piece)
            self._end += len(piece) // _SAMPLE_BYTES

    def _new_block(self) -> None:
        self._blocks.append(bytearray(_BLOCK_BYTES))
        if len(self._blocks) > self._keep_blocks:
            self._blocks.popleft()
            self._first_block += 1
