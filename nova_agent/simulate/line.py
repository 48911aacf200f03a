"""An audio line inside the process: what a phone line would be, without a network or a sound card.

One pump moves both directions in slots of 20 ms, so line time (milliseconds of audio since the line opened) is
exact in both, whatever the speed, and nothing can drift.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from livekit import rtc
from livekit.agents.voice import io
from numpy.typing import NDArray

from nova_agent.simulate.clock import Clock, MonotonicClock
from nova_agent.simulate.pcm import AGENT_RATE_HZ, CALLER_RATE_HZ, Pcm, as_pcm, duration_ms, resample
from nova_agent.simulate.playout import Played, Playout, SegmentEnded
from nova_agent.simulate.recorder import StereoRecorder

SLOT_MS: Final = 20
_CALLER_SLOT: Final = CALLER_RATE_HZ * SLOT_MS // 1000
_AGENT_SLOT: Final = AGENT_RATE_HZ * SLOT_MS // 1000
_INPUT_SLOTS: Final = 250
"""Five seconds: an agent that takes no audio for longer loses the oldest of it, as on a phone."""
_LATE_S: Final = 0.2
"""A process that stood still for longer resumes from where it stood instead of rushing to catch up."""


@dataclass(frozen=True, slots=True)
class AgentAudio:
    """What the agent was heard to play in one slot: mono s16 at 24 kHz, from ``start_ms`` of line time on."""

    start_ms: int
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class AgentStartedPlaying:
    at_ms: int


@dataclass(frozen=True, slots=True)
class AgentFinishedPlaying:
    """A segment is over. ``position_ms`` is how much of it was heard."""

    at_ms: int
    position_ms: float
    interrupted: bool


LineEvent = AgentAudio | AgentStartedPlaying | AgentFinishedPlaying


@dataclass(frozen=True, slots=True)
class Spoken:
    """When something said by the caller is on the line, in line time."""

    start_ms: float
    end_ms: float


class LineInput(io.AudioInput):
    """The agent's ear on the line: frames of 20 ms, PCM s16, mono, 16 kHz, silence included."""

    def __init__(self) -> None:
        super().__init__(label="SimulatedLine")
        self._slots: asyncio.Queue[rtc.AudioFrame | None] = asyncio.Queue()
        self._ended = False
        self.dropped_slots = 0

    async def __anext__(self) -> rtc.AudioFrame:
        frame = None if self._ended and self._slots.empty() else await self._slots.get()
        if frame is None:
            raise StopAsyncIteration
        return frame

    def deliver(self, pcm: Pcm) -> None:
        """Hand one slot over; the oldest is lost when nobody has taken any for five seconds."""
        if self._slots.qsize() >= _INPUT_SLOTS:
            self._slots.get_nowait()
            self.dropped_slots += 1
        self._slots.put_nowait(rtc.AudioFrame(pcm.tobytes(), CALLER_RATE_HZ, 1, pcm.size))

    def end(self) -> None:
        """Let readers finish what was delivered, then stop."""
        self._ended = True
        self._slots.put_nowait(None)


class LineOutput(io.AudioOutput):
    """The agent's mouth on the line: takes PCM s16, mono, 24 kHz as fast as it comes, plays it slot by slot.

    Can be paused, as the output of a LiveKit room can (livekit-agents 1.8.9, voice/room_io/_output.py).
    """

    def __init__(self, on_ended: Callable[[SegmentEnded], None]) -> None:
        super().__init__(
            label="SimulatedLine",
            capabilities=io.AudioOutputCapabilities(pause=True),
            next_in_chain=None,
            sample_rate=AGENT_RATE_HZ,
        )
        self._playout = Playout(AGENT_RATE_HZ)
        self._on_ended = on_ended
        self._closed = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self._playout.push(np.frombuffer(bytes(frame.data.cast("B")), dtype=np.int16))

    def flush(self) -> None:
        super().flush()
        self._playout.flush()
        if self._closed:
            self.clear_buffer()

    def clear_buffer(self) -> None:
        self.report(self._playout.clear())

    def pause(self) -> None:
        super().pause()
        self._playout.paused = True

    def resume(self) -> None:
        super().resume()
        self._playout.paused = False

    def play(self, slot_s: float) -> Played:
        """Play one slot that took ``slot_s`` seconds of real time and has just passed."""
        played = self._playout.play(_AGENT_SLOT)
        for _ in range(played.segments_started):
            self.on_playback_started(created_at=time.time() - slot_s)
        return played

    def report(self, ended: tuple[SegmentEnded, ...]) -> None:
        """Tell the agent, then the line, which segments are over."""
        for segment in ended:
            self.on_playback_finished(playback_position=segment.position_s, interrupted=segment.interrupted)
            self._on_ended(segment)

    def close(self) -> None:
        """Cut short what is pending and whatever is still captured, so that nobody waits for its playout."""
        self._closed = True
        self.clear_buffer()


class _CallerQueue:
    """The caller's words on their way to the agent, mono s16 at 16 kHz."""

    def __init__(self) -> None:
        self._pcm: Pcm = np.zeros(0, dtype=np.int16)

    @property
    def queued_ms(self) -> float:
        return duration_ms(self._pcm, CALLER_RATE_HZ)

    def push(self, pcm: Pcm) -> None:
        self._pcm = np.concatenate((self._pcm, pcm))

    def take(self, count: int) -> Pcm:
        taken, self._pcm = self._pcm[:count], self._pcm[count:]
        return np.concatenate((taken, np.zeros(count - taken.size, dtype=np.int16)))


class Line:
    """Both ends of a call. Give ``input`` and ``output`` to the agent, speak with :meth:`say`, and :meth:`run` it."""

    def __init__(
        self, *, speed: float = 1.0, clock: Clock | None = None, recorder: StereoRecorder | None = None
    ) -> None:
        """Make a line that carries ``speed`` seconds of audio in a second (1–4).

        The line closes ``recorder`` when it ends.

        Raises:
            ValueError: a speed that a line cannot have.
        """
        if not 1 <= speed <= 4:
            raise ValueError(f"a line runs at a speed of 1 to 4 times real time, not {speed}")
        self._speed = speed
        self._clock = clock or MonotonicClock()
        self._recorder = recorder
        self._caller = _CallerQueue()
        self._now_ms = 0
        self._listeners: list[Callable[[LineEvent], None]] = []
        self._slot_passed = asyncio.Event()
        self._ended = asyncio.Event()
        self.input = LineInput()
        self.output = LineOutput(self._on_segment_ended)

    @property
    def now_ms(self) -> int:
        """Milliseconds of audio that have passed since the line opened, in either direction."""
        return self._now_ms

    @property
    def ended(self) -> bool:
        """Whether somebody has hung up."""
        return self._ended.is_set()

    @property
    def caller_is_speaking(self) -> bool:
        """Whether something that was said has not been carried to the agent in full."""
        return self._caller.queued_ms > 0

    def subscribe(self, listener: Callable[[LineEvent], None]) -> None:
        """Call ``listener`` with each event as it happens, from the pump: it must return at once."""
        self._listeners.append(listener)

    def on_agent_audio(self, callback: Callable[[AgentAudio], None]) -> None:
        """Call ``callback`` with what the agent plays, slot by slot, when it has been played."""
        self.subscribe(lambda event: callback(event) if isinstance(event, AgentAudio) else None)

    def say(self, pcm: bytes | NDArray[np.int16] | NDArray[np.floating], rate_hz: int) -> Spoken:
        """Queue the caller's words behind whatever is queued; returns when they will be on the line."""
        words = resample(as_pcm(pcm), rate_hz, CALLER_RATE_HZ)
        start_ms = self._now_ms + self._caller.queued_ms
        self._caller.push(words)
        return Spoken(start_ms, start_ms + duration_ms(words, CALLER_RATE_HZ))

    def hang_up(self) -> None:
        """End the line: the agent's input stops, and what was still to be played never will be."""
        if self.ended:
            return
        self._ended.set()
        self._slot_passed.set()
        self.input.end()
        self.output.close()
        if self._recorder is not None:
            self._recorder.close()

    async def wait_ended(self) -> None:
        """Return when somebody has hung up."""
        await self._ended.wait()

    async def next_slot(self) -> int:
        """Wait until another slot has passed, or the line has ended; returns line time."""
        if not self.ended:
            await self._slot_passed.wait()
        return self._now_ms

    async def run(self) -> None:
        """Carry audio until somebody hangs up. A cancelled run hangs up."""
        slot_s = SLOT_MS / 1000 / self._speed
        due = self._clock.monotonic()
        try:
            while not self.ended:
                due += slot_s
                await self._clock.sleep(due - self._clock.monotonic())
                if self._clock.monotonic() - due > _LATE_S:
                    due = self._clock.monotonic()
                self.carry_slot()
        finally:
            self.hang_up()

    def carry_slot(self) -> None:
        """Carry 20 ms in both directions. :meth:`run` calls it on time; a test may call it at will."""
        if self.ended:
            return
        start_ms = self._now_ms
        self._now_ms += SLOT_MS
        caller = self._caller.take(_CALLER_SLOT)
        self.input.deliver(caller)
        played = self.output.play(SLOT_MS / 1000 / self._speed)
        if self._recorder is not None:
            self._recorder.write(caller, played.pcm)
        for _ in range(played.segments_started):
            self._publish(AgentStartedPlaying(start_ms))
        if played.audible:
            self._publish(AgentAudio(start_ms, played.pcm[: played.audible]))
        self.output.report(played.segments_ended)
        self._wake()

    def _on_segment_ended(self, segment: SegmentEnded) -> None:
        self._publish(AgentFinishedPlaying(self._now_ms, segment.position_s * 1000, segment.interrupted))

    def _publish(self, event: LineEvent) -> None:
        for listener in self._listeners:
            listener(event)

    def _wake(self) -> None:
        # Whoever waits holds the old event; the next to wait gets a fresh one.
        self._slot_passed.set()
        self._slot_passed = asyncio.Event()
