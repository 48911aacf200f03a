"""Messages and the model's answers on one line: never both at once, and neither is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.voice import io
from livekit.agents.voice.transcription import TranscriptSynchronizer

from nova_agent.loudspeaker import Loudspeaker
from nova_agent.messages import Message
from nova_agent.simulate.line import AgentAudio, Line
from nova_agent.simulate.pcm import AGENT_RATE_HZ

SLOT = AGENT_RATE_HZ // 50
LIMIT_S = 10.0


def sound(level: int, slots: int) -> bytes:
    return np.full(slots * SLOT, level, dtype=np.int16).tobytes()


def frame(level: int, slots: int) -> rtc.AudioFrame:
    return rtc.AudioFrame(sound(level, slots), AGENT_RATE_HZ, 1, slots * SLOT)


MESSAGE = Message("wait", sound(7, 10), AGENT_RATE_HZ)


class Ear:
    """Carries a line by hand, and keeps what is heard and what the session is told."""

    def __init__(self) -> None:
        self.line = Line()
        self.speaker = Loudspeaker(self.line.output)
        self.heard: list[int] = []
        self.told: list[Any] = []
        self.line.on_agent_audio(self._hear)
        self.speaker.on("playback_started", lambda _: self.told.append("started"))
        self.speaker.on("playback_finished", lambda ev: self.told.append(round(ev.playback_position * 50)))

    async def carry(self, slots: int) -> None:
        for _ in range(slots):
            self.line.carry_slot()
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def carry_until(self, *tasks: asyncio.Task[None]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not all(task.done() for task in tasks):
                await self.carry(1)
                await asyncio.sleep(0)

    def play(self, *, last: bool = False, answer_limit_s: float = LIMIT_S) -> asyncio.Task[None]:
        return asyncio.create_task(self.speaker.play(MESSAGE, answer_limit_s=answer_limit_s, last=last))

    def _hear(self, audio: AgentAudio) -> None:
        self.heard.append(int(audio.pcm[0]))


@pytest.fixture
async def ear() -> Ear:
    return Ear()


async def answer(speaker: Loudspeaker, level: int, slots: int) -> io.PlaybackFinishedEvent:
    """What the session does with an answer."""
    for _ in range(slots):
        await speaker.capture_frame(frame(level, 1))
    speaker.flush()
    return await speaker.wait_for_playout()


async def test_a_message_is_heard_whole_and_the_session_knows_nothing_of_it(ear: Ear) -> None:
    await ear.carry_until(ear.play())
    assert ear.heard == [7] * 10
    assert ear.speaker.heard_ms == 200
    assert ear.told == []


async def test_a_message_waits_for_the_answer_that_is_being_played(ear: Ear) -> None:
    answering = asyncio.create_task(answer(ear.speaker, 1, 5))
    await asyncio.sleep(0)
    await ear.carry_until(ear.play())
    assert ear.heard == [1] * 5 + [7] * 10
    assert (await answering).playback_position == pytest.approx(0.1)
    assert ear.told == ["started", 5]


async def test_an_answer_waits_for_the_message(ear: Ear) -> None:
    playing = ear.play()
    await ear.carry(3)
    answering = asyncio.create_task(answer(ear.speaker, 1, 5))
    await ear.carry_until(playing)
    async with asyncio.timeout(LIMIT_S):
        while not answering.done():
            await ear.carry(1)
    assert ear.heard == [7] * 10 + [1] * 5
    assert ear.told == ["started", 5]


async def test_an_answer_that_is_interrupted_while_it_waits_does_not_cut_the_message(ear: Ear) -> None:
    playing = ear.play()
    await ear.carry(3)
    answering = asyncio.create_task(answer(ear.speaker, 1, 5))
    await ear.carry(1)
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    ear.speaker.flush()
    ear.speaker.clear_buffer()
    ear.speaker.pause()
    await ear.carry_until(playing)
    assert ear.heard == [7] * 10
    assert (await ear.speaker.wait_for_playout()).playback_position == 0


async def test_an_answer_without_end_is_cut_for_the_message(ear: Ear) -> None:
    await ear.speaker.capture_frame(frame(1, 100))
    await ear.carry(2)
    await ear.carry_until(ear.play(answer_limit_s=0.05))
    assert ear.heard[-10:] == [7] * 10
    assert 1 in ear.heard
    assert not ear.speaker.is_answering


async def test_after_the_last_message_the_model_is_not_heard(ear: Ear) -> None:
    playing = ear.play(last=True)
    await ear.carry(3)
    answering = asyncio.create_task(answer(ear.speaker, 1, 5))
    await ear.carry_until(playing)
    await ear.carry(10)
    await asyncio.wait_for(answering, LIMIT_S)
    assert ear.heard == [7] * 10


async def test_a_message_that_is_cancelled_stops_and_says_how_much_was_heard(ear: Ear) -> None:
    playing = ear.play()
    await ear.carry(4)
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
    await ear.carry(5)
    assert ear.heard == [7] * len(ear.heard)
    assert 0 < len(ear.heard) < 10
    assert ear.speaker.heard_ms == 20 * len(ear.heard)


async def test_a_caller_who_hangs_up_ends_the_message(ear: Ear) -> None:
    playing = ear.play()
    await ear.carry(4)
    ear.line.hang_up()
    await asyncio.wait_for(playing, LIMIT_S)
    assert ear.speaker.heard_ms < 200


async def test_a_message_comes_at_the_rate_that_the_line_wants(ear: Ear) -> None:
    tone = (np.sin(np.arange(8_000) / 8_000 * 2 * np.pi * 400) * 8_000).astype(np.int16).tobytes()
    playing = asyncio.create_task(ear.speaker.play(Message("busy", tone, 8_000), answer_limit_s=1))
    await ear.carry_until(playing)
    assert ear.speaker.heard_ms == pytest.approx(1_000, abs=30)


class Words(io.TextOutput):
    """Where a room's transcript goes."""

    def __init__(self) -> None:
        super().__init__(label="words", next_in_chain=None)

    async def capture_text(self, text: str) -> None: ...

    def flush(self) -> None: ...


async def test_a_message_and_an_answer_go_through_what_a_room_puts_before_its_track(ear: Ear) -> None:
    room = TranscriptSynchronizer(next_in_chain_audio=ear.line.output, next_in_chain_text=Words())
    ear.speaker = Loudspeaker(room.audio_output)
    ear.speaker.on_attached()
    await ear.carry_until(ear.play())
    await asyncio.sleep(0)
    answering = asyncio.create_task(answer(ear.speaker, 1, 5))
    async with asyncio.timeout(LIMIT_S):
        while not answering.done():
            await ear.carry(1)
    await room.aclose()
    assert ear.heard == [7] * 10 + [1] * 5
    assert (await answering).playback_position == pytest.approx(0.1)


async def test_a_paused_line_is_let_go_on_for_a_message(ear: Ear) -> None:
    ear.speaker.pause()
    await ear.carry_until(ear.play())
    assert ear.heard == [7] * 10
