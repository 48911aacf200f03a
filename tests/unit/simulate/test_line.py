from __future__ import annotations

import asyncio
import time
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.voice import io

from nova_agent.simulate.line import AgentAudio, AgentFinishedPlaying, AgentStartedPlaying, Line, LineEvent


def agent_frame(samples: int, level: int = 500) -> rtc.AudioFrame:
    return rtc.AudioFrame(np.full(samples, level, dtype=np.int16).tobytes(), 24_000, 1, samples)


async def read(line: Line, frames: int) -> list[rtc.AudioFrame]:
    return [await anext(line.input) for _ in range(frames)]


@pytest.mark.parametrize("speed", [1, 2, 4])
async def test_the_line_is_paced_by_its_speed_and_does_not_drift(clock: Any, speed: float) -> None:
    line = Line(speed=speed, clock=clock)
    line.subscribe(lambda _: None)
    task = asyncio.create_task(line.run())
    while line.now_ms < 60_000:
        await line.next_slot()
    line.hang_up()
    await task
    assert clock.now_s * speed == pytest.approx(60.0, abs=0.03)


async def test_a_late_slot_is_made_up_for(clock: Any) -> None:
    line = Line(clock=clock)
    task = asyncio.create_task(line.run())
    await line.next_slot()
    clock.now_s += 0.1
    while clock.now_s < 1.0:
        await line.next_slot()
    line.hang_up()
    await task
    assert line.now_ms / 1000 == pytest.approx(clock.now_s, abs=0.03)


async def test_a_long_stall_is_not_rushed_through(clock: Any) -> None:
    line = Line(clock=clock)
    task = asyncio.create_task(line.run())
    await line.next_slot()
    clock.now_s += 5
    while clock.now_s < 6:
        await line.next_slot()
    line.hang_up()
    await task
    assert line.now_ms == pytest.approx(1000, abs=60)


async def test_an_unheard_caller_is_silence_in_frames_of_20_ms() -> None:
    line = Line()
    line.carry_slot()
    (frame,) = await read(line, 1)
    assert (frame.sample_rate, frame.num_channels, frame.samples_per_channel) == (16_000, 1, 320)
    assert not any(frame.data)


async def test_what_the_caller_says_is_carried_from_the_next_slot_on() -> None:
    line = Line()
    line.carry_slot()
    spoken = line.say(np.full(480, 900, dtype=np.int16), 16_000)
    assert (spoken.start_ms, spoken.end_ms) == (20, 50)
    line.carry_slot()
    line.carry_slot()
    frames = await read(line, 3)
    assert [sum(1 for sample in frame.data if sample == 900) for frame in frames] == [0, 320, 160]


def test_a_second_utterance_queues_behind_the_first() -> None:
    line = Line()
    line.say(np.ones(16_000, dtype=np.int16), 16_000)
    assert line.say(np.ones(1_600, dtype=np.int16), 16_000).start_ms == 1_000
    assert line.caller_is_speaking


def test_the_callers_words_are_resampled_to_the_rate_of_the_line() -> None:
    spoken = Line().say(np.ones(24_000, dtype=np.int16), 24_000)
    assert spoken.end_ms - spoken.start_ms == 1_000


async def test_playback_is_reported_in_order_and_in_line_time() -> None:
    line = Line(speed=4)
    events: list[LineEvent] = []
    line.subscribe(events.append)
    line.carry_slot()
    await line.output.capture_frame(agent_frame(720))
    line.output.flush()
    line.carry_slot()
    line.carry_slot()
    assert events[0] == AgentStartedPlaying(20)
    assert [(e.start_ms, e.pcm.size) for e in events if isinstance(e, AgentAudio)] == [(20, 480), (40, 240)]
    assert events[-1] == AgentFinishedPlaying(60, 30.0, interrupted=False)


async def test_the_framework_hears_of_start_and_end_with_exact_positions() -> None:
    line = Line()
    started: list[io.PlaybackStartedEvent] = []
    line.output.on("playback_started", started.append)
    await line.output.capture_frame(agent_frame(720))
    line.output.flush()
    before = time.time()
    assert started == []
    line.carry_slot()
    line.carry_slot()
    finished = await asyncio.wait_for(line.output.wait_for_playout(), 1)
    assert (finished.playback_position, finished.interrupted) == (0.03, False)
    assert started[0].created_at == pytest.approx(before, abs=0.5)


async def test_a_barge_in_stops_playback_at_once_and_says_where() -> None:
    line = Line()
    heard: list[AgentAudio] = []
    line.on_agent_audio(heard.append)
    await line.output.capture_frame(agent_frame(24_000))
    line.output.flush()
    line.carry_slot()
    line.output.clear_buffer()
    finished = await asyncio.wait_for(line.output.wait_for_playout(), 1)
    line.carry_slot()
    assert (finished.playback_position, finished.interrupted) == (0.02, True)
    assert len(heard) == 1


async def test_hanging_up_ends_the_input_and_lets_nobody_wait_for_playout() -> None:
    line = Line()
    await line.output.capture_frame(agent_frame(24_000))
    line.hang_up()
    assert (await asyncio.wait_for(line.output.wait_for_playout(), 1)).interrupted
    assert [frame async for frame in line.input] == []
    line.output.flush()
    await line.output.capture_frame(agent_frame(480))
    line.output.flush()
    assert (await asyncio.wait_for(line.output.wait_for_playout(), 1)).playback_position == 0


async def test_a_cancelled_line_hangs_up(clock: Any) -> None:
    line = Line(clock=clock)
    task = asyncio.create_task(line.run())
    await line.next_slot()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert line.ended


def test_an_agent_that_does_not_listen_loses_the_oldest_audio() -> None:
    line = Line()
    for _ in range(260):
        line.carry_slot()
    assert line.input.dropped_slots == 10


@pytest.mark.parametrize("speed", [0, 0.5, 5])
def test_a_speed_that_no_line_has_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed of 1 to 4"):
        Line(speed=speed)
