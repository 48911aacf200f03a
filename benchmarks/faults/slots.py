"""A line without LiveKit: 20 ms at a time, in real time, for clients that have to run without it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import numpy as np

from nova_agent.simulate.pcm import AGENT_RATE_HZ, CALLER_RATE_HZ, Pcm

_SLOT_MS: Final = 20
_CALLER_BYTES: Final = 2 * CALLER_RATE_HZ * _SLOT_MS // 1000
_AGENT_BYTES: Final = 2 * AGENT_RATE_HZ * _SLOT_MS // 1000
_BUFFERED_BYTES: Final = 2 * _AGENT_BYTES
_LATE_S: Final = 0.5
"""A process that stood still for longer goes on from where it stood, and does not rush to catch up."""


class SlotPhone:
    """Gives the caller's audio to ``deliver``, and plays to the caller what :meth:`play` was given.

    ``deliver`` must not wait for the agent: the line would stand still.
    """

    def __init__(self, deliver: Callable[[bytes], Awaitable[None]]) -> None:
        self._deliver = deliver
        self._listeners: list[Callable[[float, Pcm], None]] = []
        self._spoken = bytearray()
        self._played = bytearray()
        self._slot_passed = asyncio.Event()
        self._now_ms = 0
        self.ended: str | None = None

    @property
    def now_ms(self) -> float:
        return self._now_ms

    def say(self, pcm: Pcm) -> float:
        self._spoken += pcm.tobytes()
        return self._now_ms + len(self._spoken) * _SLOT_MS / _CALLER_BYTES

    def listen(self, listener: Callable[[float, Pcm], None]) -> None:
        self._listeners.append(listener)

    async def next_slot(self) -> None:
        await self._slot_passed.wait()

    def end(self, reason: str) -> None:
        """The agent's end is gone."""
        self.ended = self.ended or reason

    def on_carried(self, carrying: asyncio.Task[None]) -> None:
        """The task of :meth:`run` is over; nobody must wait for a slot any more."""
        if not carrying.cancelled() and (error := carrying.exception()) is not None:
            self.end(f"{type(error).__name__}: {error}")
            self._slot_passed.set()

    async def play(self, pcm: bytes) -> None:
        """Take PCM s16le, mono, 24 kHz; return when it is nearly played."""
        self._played += pcm
        while len(self._played) > _BUFFERED_BYTES:
            await self.next_slot()

    def stop_playing(self) -> None:
        """Throw away what has not been played."""
        self._played.clear()

    async def run(self) -> None:
        """Carry audio until cancelled."""
        due = time.monotonic()
        while True:
            due += _SLOT_MS / 1000
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - due > _LATE_S:
                due = time.monotonic()
            await self._carry()

    async def _carry(self) -> None:
        spoken, heard = _taken(self._spoken, _CALLER_BYTES), _taken(self._played, _AGENT_BYTES)
        start_ms = self._now_ms
        self._now_ms += _SLOT_MS
        await self._deliver(spoken.ljust(_CALLER_BYTES, b"\0"))
        if heard:
            for listener in self._listeners:
                listener(start_ms, np.frombuffer(heard, dtype=np.int16))
        self._slot_passed.set()
        self._slot_passed = asyncio.Event()


def _taken(buffer: bytearray, count: int) -> bytes:
    taken = bytes(buffer[:count])
    del buffer[:count]
    return taken
