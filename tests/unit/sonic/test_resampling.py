from __future__ import annotations

import numpy as np
import pytest
from livekit import rtc

from nova_agent.sonic.resampling import CallerAudio

SOUND = (8_000 * np.sin(np.arange(48_000) * 0.05)).astype(np.int16)


def frames(rate_hz: int, *, channels: int = 1) -> list[rtc.AudioFrame]:
    samples = rate_hz // 20
    whole = np.repeat(SOUND[: len(SOUND) // samples * samples], channels)
    return [
        rtc.AudioFrame(part.tobytes(), rate_hz, channels, samples) for part in whole.reshape(-1, samples * channels)
    ]


@pytest.mark.parametrize("rate_hz", [8_000, 24_000, 48_000])
def test_samples_are_those_of_the_plugins_resampler(rate_hz: int) -> None:
    ours, theirs = CallerAudio(), rtc.AudioResampler(input_rate=rate_hz, output_rate=16_000, num_channels=1)
    taken = b"".join(ours.take(frame) for frame in frames(rate_hz))
    wanted = b"".join(bytes(part.data.cast("B")) for frame in frames(rate_hz) for part in theirs.push(frame))
    # Each adds noise of its own to the last bit.
    np.testing.assert_allclose(np.frombuffer(taken, np.int16), np.frombuffer(wanted, np.int16), atol=2)


def test_what_has_the_right_rate_stays_as_it_is() -> None:
    caller = CallerAudio()
    assert b"".join(map(caller.take, frames(16_000))) == SOUND[: len(SOUND) // 800 * 800].tobytes()


def test_channels_are_mixed() -> None:
    caller = CallerAudio()
    left_and_right = np.array([[100, 300], [-50, 50]], dtype=np.int16)
    assert caller.take(rtc.AudioFrame(left_and_right.tobytes(), 16_000, 2, 2)) == np.int16([200, 0]).tobytes()


def test_a_source_may_change_its_rate() -> None:
    caller = CallerAudio()
    for rate_hz in (24_000, 48_000, 16_000):
        taken = b"".join(map(caller.take, frames(rate_hz)))
        assert len(taken) // 2 == pytest.approx(len(SOUND) * 16_000 / rate_hz, abs=800)
