"""The last seconds of a caller's audio."""

from __future__ import annotations

import io
import wave

from nova_agent.localsonic.ledger.kept_audio import KeptAudio


def test_the_last_seconds_are_kept_in_whole_events() -> None:
    kept = KeptAudio(0.5)
    kept.start(8000)
    for value in range(10):
        kept.feed(bytes([value, 0]) * 1600)
    assert kept.pcm == b"".join(bytes([value, 0]) * 1600 for value in (7, 8, 9))


def test_another_rate_starts_anew() -> None:
    kept = KeptAudio(10)
    kept.start(8000)
    kept.feed(bytes(100))
    kept.start(16000)
    kept.feed(bytes(20))
    assert (kept.rate_hz, len(kept.pcm)) == (16000, 20)


def test_it_can_be_listened_to() -> None:
    kept = KeptAudio(1)
    kept.start(16000)
    kept.feed(b"\x07\x00" * 160)
    with wave.open(io.BytesIO(kept.wav())) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getnframes()) == (16000, 1, 160)
