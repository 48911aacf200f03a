"""What every mouth must do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from nova_agent.localsonic.mouth import HibariMouth, Mouth
from nova_agent.localsonic.voices import BRIGHT, DEEP, PLAIN

TEXT = "Your appointment is on Thursday."


@pytest.fixture(params=[HibariMouth])
async def mouth(request: pytest.FixtureRequest) -> AsyncIterator[Mouth]:
    mouth: Mouth = request.param()
    await mouth.load()
    yield mouth
    await mouth.aclose()


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000])
async def test_speech_comes_at_the_asked_rate(mouth: Mouth, rate_hz: int) -> None:
    samples = np.frombuffer(await mouth.speak(TEXT, voice=PLAIN, rate_hz=rate_hz), dtype="<i2")
    assert 1.0 < len(samples) / rate_hz < 4.0
    assert np.abs(samples).max() > 1000


async def test_voices_differ_in_tempo(mouth: Mouth) -> None:
    deep, plain, bright = [len(await mouth.speak(TEXT, voice=voice, rate_hz=24000)) for voice in (DEEP, PLAIN, BRIGHT)]
    assert deep > plain > bright


async def test_the_same_words_sound_the_same(mouth: Mouth) -> None:
    first = await mouth.speak(TEXT, voice=PLAIN, rate_hz=24000)
    assert await mouth.speak(TEXT, voice=PLAIN, rate_hz=24000) == first
