"""The simulated line at any speed, with every sample of the caller numbered."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import numpy as np
from livekit import rtc
from livekit.agents.voice import io

from nova_agent.localsonic.ledger import number_audio
from nova_agent.simulate.line import LineInput
from nova_agent.simulate.pcm import Pcm

_BLOCK_SAMPLES: Final = 320_000
"""The numbers are made for 20 s at once: to find one's place in their sequence takes a millisecond."""


class FastClock:
    """Seconds that are ``speed`` times as short. The line itself stops at four times real time."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def monotonic(self) -> float:
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds / self._speed))


class NumberedInput(io.AudioInput):
    """The agent's ear on the line; ``samples``: so many have been handed over, numbered from 0."""

    def __init__(self, line: LineInput) -> None:
        super().__init__(label="NumberedLine")
        self._line = line
        self._numbers: Pcm = np.zeros(0, dtype=np.int16)
        self.samples = 0

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await anext(self._line)
        pcm = np.frombuffer(frame.data, dtype=np.int16)
        numbered = np.asarray(pcm & -2 | self._next_numbers(pcm.size), dtype=np.int16)
        self.samples += pcm.size
        return rtc.AudioFrame(numbered.tobytes(), frame.sample_rate, frame.num_channels, pcm.size)

    def _next_numbers(self, count: int) -> Pcm:
        """The lowest bits of so many samples."""
        if self._numbers.size < count:
            begin = self.samples + self._numbers.size
            block = np.frombuffer(number_audio(bytes(2 * _BLOCK_SAMPLES), first=begin), dtype=np.int16)
            self._numbers = np.concatenate((self._numbers, block))
        taken, self._numbers = self._numbers[:count], self._numbers[count:]
        return taken
