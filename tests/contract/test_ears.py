"""What every pair of ears must do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from nova_agent.localsonic.ears import Ears, MoonshineEars
from nova_agent.localsonic.listening import Listener, Samples, Utterance, UtteranceStarted
from nova_agent.localsonic.mouth import HibariMouth
from nova_agent.localsonic.voices import BRIGHT, CALM, DEEP, PLAIN, Voice

TEXT = "I would like to book an appointment for Thursday."


@pytest.fixture(params=[MoonshineEars])
async def ears(request: pytest.FixtureRequest) -> AsyncIterator[Ears]:
    ears: Ears = request.param()
    await ears.load()
    yield ears
    await ears.aclose()


async def speech(voice: Voice) -> bytes:
    mouth = HibariMouth()
    await mouth.load()
    try:
        return await mouth.speak(TEXT, voice=voice, rate_hz=16000)
    finally:
        await mouth.aclose()


def utterances(ears: Ears, pcm: bytes) -> list[UtteranceStarted | Utterance]:
    listener = Listener(ears.voice_activity(), 450)
    listener.open(16000)
    return list(listener.hear(pcm))


@pytest.mark.parametrize("voice", [DEEP, CALM, PLAIN, BRIGHT], ids=lambda voice: voice.name)
async def test_every_voice_is_understood(ears: Ears, voice: Voice) -> None:
    found = utterances(ears, bytes(16000) + await speech(voice) + bytes(32000))
    assert [type(event) for event in found] == [UtteranceStarted, Utterance]
    assert isinstance(found[1], Utterance)
    words = await ears.transcribe(found[1].pieces[0])
    assert "book an appointment for thursday" in words.lower()


@pytest.mark.parametrize(
    "noise",
    [
        np.zeros(32000),
        np.random.default_rng(1).normal(0, 0.02, 32000),
        np.sin(np.arange(32000) * 2 * np.pi * 440 / 16000) * 0.3,
        np.concatenate((np.zeros(8000), np.ones(800) * 0.8, np.zeros(23200))),
    ],
    ids=["silence", "hiss", "tone", "click"],
)
async def test_noise_starts_no_turn(ears: Ears, noise: np.ndarray) -> None:
    assert utterances(ears, (noise * 32767).astype("<i2").tobytes()) == []


async def test_silence_has_no_words(ears: Ears) -> None:
    silence: Samples = np.zeros(16000, dtype=np.float32)
    assert await ears.transcribe(silence) == ""
