"""From the ring to a stream: the caller's audio, in order, in real time or faster when it is behind."""

from __future__ import annotations

import asyncio
import base64
from typing import Final, Protocol

from nova_agent.sonic.ring import AudioRing

CHUNK_SAMPLES: Final = 512
"""32 ms at 16 kHz, as the Nova Sonic user guide suggests."""


class AudioSink(Protocol):
    """Where the audio goes."""

    cursor: int

    async def send_audio(self, content: str, samples: int) -> None:
        """Send base64 of PCM s16le, mono, 16 kHz."""
        ...


class Feeder:
    """Sends everything from the sink's ``cursor`` on, without end."""

    def __init__(self, ring: AudioRing, sink: AudioSink) -> None:
        self._ring = ring
        self._sink = sink

    async def run(self) -> None:
        """Feed until cancelled, or until sending fails."""
        while True:
            await self._ring.more(self._sink.cursor)
            self._sink.cursor += self._ring.lost(self._sink.cursor)
            pcm = self._ring.read(self._sink.cursor, CHUNK_SAMPLES)
            await self._sink.send_audio(base64.b64encode(pcm).decode(), len(pcm) // 2)
            await asyncio.sleep(0)
