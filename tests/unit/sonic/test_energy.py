"""Whether somebody speaks, on quiet lines and in loud rooms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nova_agent.sonic.energy import RATE_HZ, WINDOW_MS, WINDOW_SAMPLES, Loudness, SpeechEnergy, level_dbfs

Samples = NDArray[np.float64]
SPEECH_DBFS = -26


def seconds(amount: float) -> int:
    return round(amount * RATE_HZ)


def room(amount_s: float, dbfs: float, seed: int = 0) -> Samples:
    """White noise of this level."""
    noise = np.random.default_rng(seed).standard_normal(seconds(amount_s))
    return np.asarray(noise * 32768 * 10 ** (dbfs / 20))


def talk(amount_s: float) -> Samples:
    """Something like syllables: a tone of 150 Hz that swells and fades four times a second."""
    time_s = np.arange(seconds(amount_s)) / RATE_HZ
    swell = np.abs(np.sin(2 * np.pi * 2 * time_s))
    return np.asarray(swell * np.sin(2 * np.pi * 150 * time_s) * 2 * 32768 * 10 ** (SPEECH_DBFS / 20))


def pcm(*parts: Samples) -> bytes:
    return np.clip(np.concatenate(parts), -32768, 32767).astype("<i2").tobytes()


def in_room(dbfs: float, *parts: Samples) -> bytes:
    sound = np.concatenate(parts)
    return pcm(sound + room(len(sound) / RATE_HZ, dbfs))


def silence(amount_s: float) -> Samples:
    return np.zeros(seconds(amount_s))


def heard(sound: bytes, energy: SpeechEnergy | None = None) -> SpeechEnergy:
    """Push it as a line does, 20 ms at a time."""
    energy = energy or SpeechEnergy()
    for first in range(0, len(sound), 640):
        energy.push(sound[first : first + 640])
    return energy


@pytest.mark.parametrize("noise_dbfs", [-120, -65, -50, -40])
def test_a_sentence_is_found_where_it_was(noise_dbfs: float) -> None:
    energy = heard(in_room(noise_dbfs, silence(3), talk(2), silence(2)))
    assert not energy.speaking
    assert energy.started_at == pytest.approx(seconds(3), abs=4 * WINDOW_SAMPLES)
    assert energy.ended_at == pytest.approx(seconds(5), abs=4 * WINDOW_SAMPLES)
    assert 1_200 < energy.speech_ms <= 2_000 + WINDOW_MS


@pytest.mark.parametrize("noise_dbfs", [-120, -65, -50, -46])
def test_a_line_with_nothing_but_its_noise_never_speaks(noise_dbfs: float) -> None:
    energy = heard(pcm(room(20, noise_dbfs)))
    assert energy.started_at is None
    assert energy.ended_at is None


def test_a_machine_that_is_switched_on_is_taken_for_the_room_after_half_a_minute() -> None:
    energy = heard(pcm(room(5, -60), room(32, -30, seed=1)))
    assert not energy.speaking


def test_who_talks_on_without_a_pause_is_not_taken_for_the_room() -> None:
    hum = np.sin(2 * np.pi * 150 * np.arange(seconds(20)) / RATE_HZ) * 32768 * 10 ** (SPEECH_DBFS / 20)
    energy = heard(in_room(-60, silence(3), hum))
    assert energy.speaking
    heard(in_room(-60, silence(1)), energy)
    assert not energy.speaking
    assert energy.ended_at == pytest.approx(seconds(23), abs=4 * WINDOW_SAMPLES)


def test_who_speaks_from_the_first_moment_on_is_heard() -> None:
    energy = heard(pcm(talk(3)))
    assert energy.speaking
    assert energy.started_at is not None
    assert energy.started_at < seconds(0.2)


def test_a_direct_current_is_no_sound() -> None:
    assert level_dbfs(pcm(np.full(512, 3000.0))) < -80


def test_a_click_is_no_speech() -> None:
    assert heard(pcm(silence(3), np.full(200, 20_000.0), silence(1))).started_at is None


def test_while_somebody_speaks_again_the_end_of_the_last_speech_is_still_known() -> None:
    energy = heard(in_room(-60, silence(2), talk(1), silence(2), talk(1)))
    assert energy.speaking
    assert energy.started_at == pytest.approx(seconds(5), abs=4 * WINDOW_SAMPLES)
    assert energy.ended_at == pytest.approx(seconds(3), abs=4 * WINDOW_SAMPLES)


def test_a_breath_within_a_sentence_does_not_end_it() -> None:
    energy = heard(in_room(-60, silence(2), talk(1), silence(0.3), talk(1)))
    assert energy.speaking
    assert energy.started_at == pytest.approx(seconds(2), abs=4 * WINDOW_SAMPLES)


@pytest.mark.parametrize("piece_bytes", [2, 320, 1000, 1024, 5000])
def test_the_lengths_of_the_pieces_change_nothing(piece_bytes: int) -> None:
    sound = in_room(-50, silence(1), talk(1), silence(1))
    energy = SpeechEnergy()
    for first in range(0, len(sound), piece_bytes):
        energy.push(sound[first : first + piece_bytes])
    whole = heard(sound)
    assert (energy.started_at, energy.ended_at, energy.speech_ms) == (
        whole.started_at,
        whole.ended_at,
        whole.speech_ms,
    )


@pytest.mark.parametrize("noise_dbfs", [-120, -60, -45, -35])
def test_quiet_is_measured_against_the_room(noise_dbfs: float) -> None:
    loudness = Loudness()
    loudness.push(in_room(noise_dbfs, silence(4)))
    assert loudness.is_quiet(200)
    loudness.push(in_room(noise_dbfs, talk(0.5)))
    assert not loudness.is_quiet(200)


def test_an_endless_talker_leaves_hardly_a_quiet_moment() -> None:
    loudness, sound = Loudness(), in_room(-50, talk(30))
    quiet = 0
    for first in range(0, len(sound), 1024):
        loudness.push(sound[first : first + 1024])
        quiet += loudness.is_quiet(200)
    assert quiet < 0.1 * len(sound) / 1024


def test_a_line_is_quiet_before_the_first_sound_and_not_in_the_middle_of_a_word() -> None:
    energy = SpeechEnergy()
    assert energy.is_quiet()
    energy.push(pcm(np.zeros(seconds(1))))
    assert energy.is_quiet()
    energy.push(pcm(talk(0.2)))
    assert not energy.is_quiet()
    energy.push(pcm(np.zeros(8 * WINDOW_SAMPLES)))
    assert energy.is_quiet()
    assert not energy.is_quiet(last_ms=600)
