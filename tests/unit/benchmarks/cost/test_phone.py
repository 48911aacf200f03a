from __future__ import annotations

import asyncio

import numpy as np
from livekit import rtc
from livekit.agents.voice.io import PlaybackFinishedEvent

from benchmarks.cost.phone import FRAME_SAMPLES, RATE_HZ, PhoneOutput, frames_of


def sound(duration_s: float) -> rtc.AudioFrame:
    samples = round(duration_s * RATE_HZ)
    return rtc.AudioFrame(bytes(2 * samples), RATE_HZ, 1, samples)


async def test_a_segment_is_over_when_its_time_has_passed() -> None:
    output, finished = PhoneOutput(), asyncio.get_running_loop().create_future()
    output.on("playback_finished", finished.set_result)
    for _ in range(3):
        await output.capture_frame(sound(0.01))
    output.flush()
    assert output.is_playing
    async with asyncio.timeout(5):
        event: PlaybackFinishedEvent = await finished
    assert not event.interrupted
    assert not output.is_playing
    assert round(output.heard_s, 3) == 0.03


async def test_a_segment_that_is_cleared_ends_at_once() -> None:
    output, ended = PhoneOutput(), list[PlaybackFinishedEvent]()
    output.on("playback_finished", ended.append)
    await output.capture_frame(sound(60))
    output.clear_buffer()
    assert [event.interrupted for event in ended] == [True]
    assert ended[0].playback_position < 60


def test_speech_is_cut_into_frames_of_50_ms() -> None:
    frames = frames_of(np.ones(FRAME_SAMPLES + 1, dtype=np.int16))
    assert [len(frame) for frame in frames] == [2 * FRAME_SAMPLES] * 2
    assert frames[1] == b"\1\0" + bytes(2 * FRAME_SAMPLES - 2)
