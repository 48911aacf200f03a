from __future__ import annotations

import numpy as np
import pytest

from nova_agent.localsonic.listening import Listener, Samples, Utterance, UtteranceStarted, piece_bounds


class Loudness:
    def probability(self, window: Samples) -> float:
        return float(np.abs(window).mean() > 0.1)


def loud(ms: int, rate_hz: int = 16000) -> bytes:
    wave = np.sin(np.arange(ms * rate_hz // 1000) * 0.3) * 16000
    return wave.astype("<i2").tobytes()


def silent(ms: int, rate_hz: int = 16000) -> bytes:
    return bytes(ms * rate_hz // 1000 * 2)


@pytest.fixture
def listener() -> Listener:
    return Listener(Loudness(), 450)


@pytest.mark.parametrize("piece_bytes", [1024, 640, 8192, 3])
def test_utterances_do_not_depend_on_how_the_audio_is_cut(listener: Listener, piece_bytes: int) -> None:
    listener.open(16000)
    pcm = silent(640) + loud(960) + silent(640)
    size = piece_bytes - piece_bytes % 2
    found = [event for at in range(0, len(pcm), size) for event in listener.hear(pcm[at : at + size])]
    assert found[0] == UtteranceStarted(640)
    assert isinstance(found[1], Utterance)
    assert (found[1].end_ms, found[1].detected_ms) == (1600, 2080)
    assert len(found) == 2


def test_an_utterance_has_some_audio_around_the_speech(listener: Listener) -> None:
    listener.open(16000)
    *_, utterance = listener.hear(silent(640) + loud(960) + silent(640))
    assert isinstance(utterance, Utterance)
    (samples,) = utterance.pieces
    assert len(samples) / 16 == 256 + 960 + 192


@pytest.mark.parametrize("rate_hz", [8000, 24000])
def test_other_rates_are_heard_too(listener: Listener, rate_hz: int) -> None:
    listener.open(rate_hz)
    *_, utterance = listener.hear(silent(640, rate_hz) + loud(960, rate_hz) + silent(960, rate_hz))
    assert isinstance(utterance, Utterance)
    assert abs(utterance.end_ms - 1600) <= 64


def test_the_end_of_audio_ends_the_utterance(listener: Listener) -> None:
    listener.open(16000)
    assert list(listener.hear(loud(320))) == [UtteranceStarted(0)]
    utterance = listener.close()
    assert utterance is not None
    assert utterance.end_ms == 320
    assert listener.close() is None


def test_heard_audio_is_counted_over_reopened_contents(listener: Listener) -> None:
    listener.open(16000)
    list(listener.hear(silent(100)))
    listener.close()
    listener.open(16000)
    list(listener.hear(silent(50)))
    assert listener.heard_ms == 150


def test_long_speech_is_cut_where_it_is_quietest() -> None:
    probabilities = [0.9] * 2000
    probabilities[740] = 0.4
    bounds = piece_bounds(probabilities)
    assert bounds[0] == (0, 740)
    assert all(end - start <= 25_000 // 32 for start, end in bounds)
    assert [start for start, _ in bounds[1:]] == [end for _, end in bounds[:-1]]
    assert bounds[-1][1] == 2000
