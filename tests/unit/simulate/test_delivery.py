from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nova_agent.simulate.delivery import deliver
from nova_agent.simulate.pcm import loudness
from nova_agent.simulate.script import Step


def step(**fields: Any) -> Step:
    return Step(any=True, **fields)


async def test_plain_words_are_spoken_as_they_are(speech: Any) -> None:
    assert np.array_equal(await deliver(step(say="eight"), speech), await speech.speak("eight"))


async def test_a_hesitation_puts_a_pause_behind_an_um(speech: Any) -> None:
    pcm = await deliver(step(say="eight", hesitate=600), speech)
    um, eight = await speech.speak("Um,"), await speech.speak("eight")
    assert pcm.size == um.size + 600 * 24 + eight.size
    assert not np.any(pcm[um.size : um.size + 600 * 24])


async def test_marked_pauses_are_kept_where_they_stand(speech: Any) -> None:
    pcm = await deliver(step(say="I think… maybe… eight", hesitate=300), speech)
    spoken = [await speech.speak(piece) for piece in ("I think", "maybe", "eight")]
    assert pcm.size == sum(piece.size for piece in spoken) + 2 * 300 * 24


async def test_a_mumble_is_quieter_and_shorter(speech: Any) -> None:
    plain = await deliver(step(say="hello there"), speech)
    mumbled = await deliver(step(say="hello there", mumble=True), speech)
    assert loudness(mumbled) < 0.5 * loudness(plain)
    assert mumbled.size == pytest.approx(plain.size / 1.08, rel=0.01)


async def test_a_mumble_loses_its_upper_frequencies(speech: Any) -> None:
    class Whistle:
        rate_hz = 24_000

        async def speak(self, text: str) -> np.ndarray:
            return (10_000 * np.sin(2 * np.pi * 5_000 * np.arange(24_000) / 24_000)).astype(np.int16)

    assert loudness(await deliver(step(say="x", mumble=True), Whistle())) < 0.1 * loudness(await Whistle().speak("x"))


async def test_a_step_without_words_is_silent(speech: Any) -> None:
    assert (await deliver(step(silent_ms=100), speech)).size == 0


async def test_the_silence_around_a_sentence_is_cut_off(speech: Any) -> None:
    class Slow:
        rate_hz = 24_000

        async def speak(self, text: str) -> np.ndarray:
            quiet = np.zeros(12_000, dtype=np.int16)
            return np.concatenate((quiet, await speech.speak(text), quiet))

    assert np.array_equal(await deliver(step(say="eight"), Slow()), await speech.speak("eight"))
