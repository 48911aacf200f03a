"""A caller's end of a call that costs next to nothing: frames as a LiveKit room gives them, and a clock that plays.

An agent in a room gets 50 ms at 24 kHz at a time (livekit-agents 1.8.9, ``RoomInputOptions``).
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import numpy as np
from livekit import rtc
from livekit.agents.voice import io

from nova_agent.simulate.pcm import Pcm

RATE_HZ: Final = 24_000
FRAME_S: Final = 0.05
FRAME_SAMPLES: Final = round(FRAME_S * RATE_HZ)
_LATE_S: Final = 0.5
"""A process that stood still for longer goes on from where it stood, and does not rush to catch up."""


class PhoneInput(io.AudioInput):
    """The agent's ear."""

    def __init__(self) -> None:
        super().__init__(label="phone")
        self._frames: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue()

    async def __anext__(self) -> rtc.AudioFrame:
        return await self._frames.get()

    def deliver(self, pcm: bytes) -> None:
        """Hand 50 ms over."""
        self._frames.put_nowait(rtc.AudioFrame(pcm, RATE_HZ, 1, FRAME_SAMPLES))


class PhoneOutput(io.AudioOutput):
    """The agent's mouth: takes audio as fast as it comes, and counts it as played when its time has passed.

    ``started_at``: when the first audio since the last :meth:`forget` came, ``None`` while there is none.
    ``heard_s``: how much has come since, and ``is_playing`` whether some of it is still to be heard.
    """

    def __init__(self) -> None:
        super().__init__(label="phone", capabilities=io.AudioOutputCapabilities(pause=False), sample_rate=RATE_HZ)
        self.started_at: float | None = None
        self.heard_s = 0.0
        self.is_playing = False
        self._segment_s = 0.0
        self._segment_started_at = 0.0
        self._ending: asyncio.TimerHandle | None = None

    def forget(self) -> None:
        """Another question is asked."""
        self.started_at, self.heard_s = None, 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        now = time.monotonic()
        if self.started_at is None:
            self.started_at = now
        if not self.is_playing:
            self.is_playing = True
            self._segment_s, self._segment_started_at = 0.0, now
            self.on_playback_started(created_at=time.time())
        self._segment_s += frame.duration
        self.heard_s += frame.duration

    def flush(self) -> None:
        super().flush()
        if self.is_playing and self._ending is None:
            left_s = self._segment_started_at + self._segment_s - time.monotonic()
            self._ending = asyncio.get_running_loop().call_later(max(0.0, left_s), self._end, False)

    def clear_buffer(self) -> None:
        if self.is_playing:
            self._end(True)

    def _end(self, interrupted: bool) -> None:
        if self._ending is not None:
            self._ending.cancel()
        self._ending, self.is_playing = None, False
        played_s = min(self._segment_s, time.monotonic() - self._segment_started_at)
        self.on_playback_finished(playback_position=played_s, interrupted=interrupted)


class Phone:
    """Both directions, and the time of the caller's next frame."""

    def __init__(self) -> None:
        self.input = PhoneInput()
        self.output = PhoneOutput()
        self._due_at = time.monotonic()

    async def send(self, pcm: bytes) -> None:
        """Send 50 ms when they would have been recorded."""
        self._due_at += FRAME_S
        now = time.monotonic()
        if now - self._due_at > _LATE_S:
            self._due_at = now
        await asyncio.sleep(max(0.0, self._due_at - now))
        self.input.deliver(pcm)


def frames_of(pcm: Pcm) -> tuple[bytes, ...]:
    """Cut mono s16 at 24 kHz into frames of 50 ms; the last one is filled up with silence."""
    whole = np.pad(pcm, (0, -pcm.size % FRAME_SAMPLES))
    return tuple(frame.tobytes() for frame in whole.reshape(-1, FRAME_SAMPLES))


SILENT_FRAME: Final = bytes(2 * FRAME_SAMPLES)
