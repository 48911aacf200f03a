"""From the ring to a stream: the caller's audio, in order, in real time or faster when it is behind."""

from __future__ import annotations

import asyncio
import base64
from typing import Final, Protocol

from nova_agent.sonic.ring import AudioRing

LEAST_SAMPLES: Final = 320
"""20 ms at 16 kHz: less is not worth a message, and waits for more."""
MOST_SAMPLES: Final = 1024
"""64 ms. A message costs as much as 200 ms of audio, so whatever has come goes out at once: 50 ms in a LiveKit room
(livekit-agents 1.8.9). The user guide suggests about 32 ms, which would make two messages of it, 32 ms and 18."""


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
        ring, sink = self._ring, self._sink
        while True:
            await ring.more(sink.cursor + LEAST_SAMPLES - 1)
            sink.cursor += ring.lost(sink.cursor)
            pcm = ring.read(sink.cursor, MOST_SAMPLES)
            await sink.send_audio(base64.b64encode(pcm).decode(), len(pcm) // 2)
            if ring.end - sink.cursor >= LEAST_SAMPLES:
                # It is behind, and neither of the two has waited: let others run.
                await asyncio.sleep(0)
