"""The agent's way to the caller's ear, on which a prepared message can be played between the model's answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Final

from livekit import rtc
from livekit.agents.voice import io

from nova_agent.messages import Message

_FRAME_MS: Final = 50
_SPARE_S: Final = 5.0
"""What a message may take beyond its own length: a room begins with the caller's subscription."""


class Loudspeaker(io.AudioOutput):
    """Stands before the call's audio output. What the model says passes; while a message is played it waits.

    The session knows nothing of messages: of what a message does on the line it is told nothing.

    Args:
        line: where the audio goes; a simulated line, a room's output, whatever the session would have had.

    Attributes:
        quiet_since: when the last thing that was played ended, by ``time.monotonic``.
    """

    def __init__(self, line: io.AudioOutput) -> None:
        super().__init__(
            label="Loudspeaker",
            capabilities=io.AudioOutputCapabilities(pause=True),
            next_in_chain=line,
            sample_rate=line.sample_rate,
        )
        self.quiet_since = time.monotonic()
        self._free = asyncio.Event()
        self._free.set()
        self._shut = False
        self._capturing = False
        self._answers = 0
        """Segments of the model that have not been played to their end."""
        self._no_answers = asyncio.Event()
        self._no_answers.set()
        self._heard_s = 0.0

    # -- messages --------------------------------------------------------------------------------------------

    @property
    def is_answering(self) -> bool:
        """Whether something that the model said is still being played."""
        return self._answers > 0

    async def play(self, message: Message, *, answer_limit_s: float, last: bool = False) -> None:
        """Play a message to its end, behind what is being played. One at a time.

        Args:
            message: what to play.
            answer_limit_s: how long the answer before it may go on; then it is cut.
            last: nothing of the model passes any more.
        """
        self._heard_s = 0.0
        await self.until_answered(answer_limit_s)
        self._shut = last
        self._cut_answers()
        self._free.clear()
        try:
            async with asyncio.timeout(message.duration_s + _SPARE_S):
                await self._play(message)
        except TimeoutError:
            self._line.clear_buffer()
        except asyncio.CancelledError:
            self._line.flush()
            self._line.clear_buffer()
            raise
        finally:
            self.quiet_since = time.monotonic()
            self._free.set()

    @property
    def heard_ms(self) -> int:
        """How much of the last message has been heard."""
        return round(self._heard_s * 1000)

    async def until_answered(self, limit_s: float) -> None:
        """Wait until what the model has said is played, for so many seconds at most."""
        try:
            async with asyncio.timeout(limit_s):
                await self._no_answers.wait()
        except TimeoutError:
            return

    def _cut_answers(self) -> None:
        if self.is_answering:
            self.flush()
            self._line.clear_buffer()

    async def _play(self, message: Message) -> None:
        self._line.resume()
        for frame in _frames(message, self.sample_rate or message.rate_hz):
            await self._line.capture_frame(frame)
        self._line.flush()
        finished = await self._line.wait_for_playout()
        self._heard_s = finished.playback_position

    @property
    def _line(self) -> io.AudioOutput:
        if self.next_in_chain is None:
            raise RuntimeError("a loudspeaker without a line")
        return self.next_in_chain

    # -- the model's answers ---------------------------------------------------------------------------------

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await self._free.wait()
        if self._shut:
            return
        await super().capture_frame(frame)
        if not self._capturing:
            self._capturing = True
            self._answers += 1
            self._no_answers.clear()
        await self._line.capture_frame(frame)

    def flush(self) -> None:
        super().flush()
        if self._capturing:
            self._capturing = False
            self._line.flush()

    def clear_buffer(self) -> None:
        if self.is_answering:
            self._line.clear_buffer()

    def pause(self) -> None:
        if self._free.is_set():
            super().pause()

    def on_playback_started(self, *, created_at: float) -> None:
        if self.is_answering:
            super().on_playback_started(created_at=created_at)

    def on_playback_progressed(self, *, started_at: float, offset: float, duration: float) -> None:
        if self.is_answering:
            super().on_playback_progressed(started_at=started_at, offset=offset, duration=duration)

    def on_playback_finished(
        self, *, playback_position: float, interrupted: bool, synchronized_transcript: str | None = None
    ) -> None:
        """Tell of the end of an answer. Segments end in order, and a message begins when no answer is left."""
        if not self.is_answering:
            self._heard_s = playback_position
            return
        self._answers -= 1
        self.quiet_since = time.monotonic()
        if not self._answers:
            self._no_answers.set()
        super().on_playback_finished(
            playback_position=playback_position,
            interrupted=interrupted,
            synchronized_transcript=synchronized_transcript,
        )


def _frames(message: Message, rate_hz: int) -> Iterator[rtc.AudioFrame]:
    size = 2 * message.rate_hz * _FRAME_MS // 1000
    frames = (
        rtc.AudioFrame(piece, message.rate_hz, 1, len(piece) // 2)
        for start in range(0, len(message.pcm), size)
        if (piece := message.pcm[start : start + size])
    )
    if rate_hz == message.rate_hz:
        yield from frames
        return
    resampler = rtc.AudioResampler(message.rate_hz, rate_hz, num_channels=1)
    for frame in frames:
        yield from resampler.push(frame)
    yield from resampler.flush()
