from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc

from nova_agent.simulate.line import Line
from nova_agent.simulate.recorder import StereoRecorder, read_channels


def onset_ms(channel: np.ndarray, rate_hz: int) -> float:
    return float(np.flatnonzero(np.abs(channel) > 2_000)[0]) * 1000 / rate_hz


async def test_both_channels_lie_on_line_time(tmp_path: Path) -> None:
    line = Line(speed=4, recorder=StereoRecorder(tmp_path / "calls" / "call.wav"))
    for slot in range(200):
        if slot == 50:
            line.say(np.full(8_000, 5_000, dtype=np.int16), 16_000)
        if slot == 150:
            tone = np.full(12_000, 5_000, dtype=np.int16)
            await line.output.capture_frame(rtc.AudioFrame(tone.tobytes(), 24_000, 1, tone.size))
        line.carry_slot()
    line.hang_up()
    caller, agent, rate_hz = read_channels(tmp_path / "calls" / "call.wav")
    assert caller.size == agent.size == 4 * rate_hz
    assert onset_ms(caller, rate_hz) == pytest.approx(1_000, abs=2)
    assert onset_ms(agent, rate_hz) == pytest.approx(3_000, abs=2)
    assert not np.any(agent[: 2 * rate_hz])


def test_the_file_is_valid_before_it_is_closed(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav")
    for _ in range(120):
        recorder.write(np.zeros(320, dtype=np.int16), np.zeros(480, dtype=np.int16))
    with wave.open(str(tmp_path / "call.wav")) as wav:
        assert 1.9 <= wav.getnframes() / wav.getframerate() <= 2.4
    recorder.close()


def test_closing_twice_and_writing_late_do_nothing(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav")
    recorder.write(np.zeros(320, dtype=np.int16), np.zeros(480, dtype=np.int16))
    recorder.close()
    recorder.close()
    recorder.write(np.zeros(320, dtype=np.int16), np.zeros(480, dtype=np.int16))
    assert read_channels(tmp_path / "call.wav")[1].size == 480


def test_a_mono_file_is_no_recording(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "mono.wav"), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(16_000)
        wav.writeframes(b"\0\0")
    with pytest.raises(ValueError, match="stereo"):
        read_channels(tmp_path / "mono.wav")
