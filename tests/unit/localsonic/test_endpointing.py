from __future__ import annotations

import pytest

from nova_agent.localsonic.endpointing import SILENCE_MS, WINDOW_MS, Endpointer, SpeechEnded, SpeechStarted

SPEECH, UNSURE, SILENCE = 0.9, 0.4, 0.1


def run(endpointer: Endpointer, *probabilities: float) -> list[tuple[int, SpeechStarted | SpeechEnded]]:
    """Return what was found, each with the number of windows that it took."""
    results = ((count, endpointer.push(probability)) for count, probability in enumerate(probabilities, 1))
    return [(count, found) for count, found in results if found is not None]


def test_three_windows_of_speech_make_a_start() -> None:
    assert run(Endpointer(450), SILENCE, SPEECH, SPEECH, SPEECH) == [(4, SpeechStarted(1))]


def test_blips_are_no_speech() -> None:
    assert run(Endpointer(450), *[SPEECH, SPEECH, SILENCE] * 20) == []


@pytest.mark.parametrize(("sensitivity", "windows"), [("HIGH", 10), ("MEDIUM", 15), ("LOW", 29)])
def test_the_pause_that_ends_a_turn_depends_on_the_sensitivity(sensitivity: str, windows: int) -> None:
    endpointer = Endpointer(SILENCE_MS["measured"][sensitivity])  # type: ignore[index]  # parametrised by text
    found = run(endpointer, *[SPEECH] * 3, *[SILENCE] * 40)
    assert found[1] == (3 + windows, SpeechEnded(3))


def test_the_documented_pauses_are_longer() -> None:
    for sensitivity, measured_ms in SILENCE_MS["measured"].items():
        assert SILENCE_MS["docs"][sensitivity] > measured_ms


def test_unsure_windows_keep_speech_going_but_do_not_start_it() -> None:
    assert run(Endpointer(450), *[UNSURE] * 50) == []
    assert run(Endpointer(450), *[SPEECH] * 3, *[UNSURE] * 50) == [(3, SpeechStarted(0))]


def test_a_short_pause_does_not_end_the_turn() -> None:
    pause = [SILENCE] * (400 // WINDOW_MS)
    found = run(Endpointer(450), *[SPEECH] * 3, *pause, SPEECH, *[SILENCE] * 20)
    assert found[1][1] == SpeechEnded(16)


def test_speech_can_start_again_after_a_turn() -> None:
    found = run(Endpointer(300), *([SPEECH] * 3 + [SILENCE] * 12) * 2)
    assert [type(event) for _, event in found] == [SpeechStarted, SpeechEnded] * 2


def test_the_end_of_audio_ends_the_speech_where_it_fell_silent() -> None:
    endpointer = Endpointer(450)
    run(endpointer, *[SPEECH] * 5, SILENCE, SILENCE)
    assert endpointer.finish() == SpeechEnded(5)
    assert endpointer.finish() is None
