"""When a stream has owed an answer for too long."""

from __future__ import annotations

import numpy as np
import pytest

from nova_agent.sonic.exchange import Dialogue
from nova_agent.sonic.ring import SpeechEnergy
from nova_agent.sonic.turns import INTERRUPTED_MARKER
from nova_agent.sonic.watchdog import TALKED_OVER_S, UNHEARD_AGAIN_S, Watchdog

LIMIT_S = 6.0
LOUD_FROM = 16_000
ANSWER = {"event": {"contentStart": {"role": "ASSISTANT", "type": "TEXT"}}}
WORDS = {"event": {"textOutput": {"role": "USER", "content": "hello"}}}
USAGE = {"event": {"usageEvent": {}}}


@pytest.fixture
def dialogue() -> Dialogue:
    return Dialogue()


@pytest.fixture
def ears() -> SpeechEnergy:
    return SpeechEnergy()


@pytest.fixture
def watchdog(dialogue: Dialogue, ears: SpeechEnergy) -> Watchdog:
    watchdog = Watchdog(dialogue, ears, no_answer_s=LIMIT_S)
    watchdog.moved(0.0)
    return watchdog


def speak(ears: SpeechEnergy, *, pause: bool = True) -> None:
    """A second of silence, a second of a loud tone, and a second of silence unless the caller goes on."""
    tone = np.where(np.arange(16_000) // 20 % 2, 9000, -9000).astype("<i2").tobytes()
    ears.push(bytes(32_000) + tone + bytes(32_000 * pause))


def test_silence_owes_nothing(watchdog: Watchdog) -> None:
    assert not watchdog.bites(1000.0)


def test_a_sentence_that_is_not_answered_bites_once(watchdog: Watchdog) -> None:
    watchdog.asked(10.0)
    assert not watchdog.bites(15.0)
    assert watchdog.bites(16.5)
    assert not watchdog.bites(30.0)


def test_an_answer_settles_it(watchdog: Watchdog) -> None:
    watchdog.asked(10.0)
    watchdog.answered(11.0, ANSWER)
    assert not watchdog.bites(30.0)


def test_the_final_text_of_the_answer_before_settles_nothing(watchdog: Watchdog) -> None:
    watchdog.asked(10.0)
    fields = '{"generationStage":"FINAL"}'
    start = {"role": "ASSISTANT", "type": "TEXT", "additionalModelFields": fields}
    watchdog.answered(10.1, {"event": {"contentStart": start}})
    assert watchdog.bites(16.5)


def test_words_that_were_heard_want_an_answer(watchdog: Watchdog) -> None:
    watchdog.answered(10.0, WORDS)
    assert watchdog.bites(16.5)


def test_who_goes_on_talking_is_answered_when_he_has_finished(watchdog: Watchdog, ears: SpeechEnergy) -> None:
    watchdog.answered(10.0, WORDS)
    speak(ears, pause=False)
    assert not watchdog.bites(18.0)
    ears.push(bytes(32_000))
    assert not watchdog.bites(23.5)
    assert watchdog.bites(24.5)


def test_a_television_keeps_no_dead_stream_alive(watchdog: Watchdog, ears: SpeechEnergy) -> None:
    watchdog.answered(10.0, WORDS)
    speak(ears, pause=False)
    assert not watchdog.bites(10.0 + TALKED_OVER_S)
    assert watchdog.bites(10.0 + TALKED_OVER_S + LIMIT_S + 0.5)


def test_any_event_shows_that_the_stream_lives(watchdog: Watchdog) -> None:
    watchdog.asked(10.0)
    watchdog.answered(15.0, USAGE)
    assert not watchdog.bites(16.5)
    assert watchdog.bites(21.5)


def test_what_stays_unanswered_on_the_next_stream_too_is_let_go(watchdog: Watchdog, dialogue: Dialogue) -> None:
    dialogue.typed("Hello?")
    dialogue.recover(1.0)
    watchdog.asked(10.0)
    assert not watchdog.bites(17.0)
    assert dialogue.is_quiet(17.0)


def test_an_answer_that_does_not_go_on_bites(watchdog: Watchdog, dialogue: Dialogue) -> None:
    dialogue.announced("One, which takes twenty seconds to say.")
    watchdog.answered(10.0, ANSWER)
    watchdog.answered(10.1, {"event": {"audioOutput": {"content": "A" * 64_000 * 20}}})
    assert not watchdog.bites(15.0)
    dialogue.sentence_ended(is_last=False, goes_on=True)
    watchdog.answered(16.0, USAGE)
    assert not watchdog.bites(21.5)
    assert watchdog.bites(22.5)


def test_an_answer_that_dribbles_bites(watchdog: Watchdog, dialogue: Dialogue) -> None:
    dialogue.announced("One.")
    bitten = None
    for tenth in range(100):
        now = 10.0 + tenth / 10
        watchdog.answered(now, {"event": {"audioOutput": {"content": "A" * 640}}})
        bitten = bitten or (now if watchdog.bites(now) else None)
    assert bitten == pytest.approx(10.0 + LIMIT_S, abs=1.5)


def test_an_answer_of_which_only_the_text_dribbles_in_bites(watchdog: Watchdog, dialogue: Dialogue) -> None:
    watchdog.answered(10.0, ANSWER)
    dialogue.announced("One.")
    for tenth in range(1, 40):
        watchdog.answered(10.0 + tenth / 10, USAGE)
        assert not watchdog.bites(10.0 + tenth / 10)
    watchdog.answered(10.0 + LIMIT_S - 1, USAGE)
    assert watchdog.bites(10.0 + LIMIT_S - 1)


def test_the_time_of_a_tool_is_no_dribble(watchdog: Watchdog, dialogue: Dialogue) -> None:
    dialogue.announced("One moment.")
    watchdog.answered(10.0, ANSWER)
    dialogue.called("id", "look_up", "{}", 1.0)
    dialogue.delivered("id")
    watchdog.asked(25.0)
    watchdog.answered(25.1, ANSWER)
    dialogue.announced("One.")
    assert not watchdog.bites(25.2)


def test_pauses_between_sentences_are_no_dribble(watchdog: Watchdog, dialogue: Dialogue) -> None:
    for sentence in range(4):
        now = 10.0 + sentence * 5
        dialogue.announced(f"Sentence {sentence}.")
        watchdog.answered(now, {"event": {"audioOutput": {"content": "A" * 64_000 * 3}}})
        dialogue.sentence_ended(is_last=False, goes_on=True)
        assert not watchdog.bites(now + 4.9)


def test_nothing_is_owed_while_a_tool_runs(watchdog: Watchdog, dialogue: Dialogue) -> None:
    dialogue.called("id", "look_up", "{}", 1.0)
    dialogue.announced("One moment.")
    dialogue.sentence_ended(is_last=False, goes_on=True)
    watchdog.answered(10.0, WORDS)
    assert not watchdog.bites(29.0)
    dialogue.returned("id", "{}")
    dialogue.delivered("id")
    watchdog.asked(30.0)
    assert not watchdog.bites(35.0)
    assert watchdog.bites(36.5)


def test_an_answer_plays_on_when_all_of_it_has_come_until_it_is_interrupted(watchdog: Watchdog) -> None:
    two_seconds = {"event": {"audioOutput": {"content": "A" * 128_000}}}
    watchdog.answered(10.0, two_seconds)
    watchdog.answered(10.1, two_seconds)
    assert watchdog.is_playing(13.9)
    assert not watchdog.is_playing(14.1)
    watchdog.answered(20.0, two_seconds)
    watchdog.answered(20.5, {"event": {"textOutput": {"role": "ASSISTANT", "content": INTERRUPTED_MARKER}}})
    assert not watchdog.is_playing(20.6)


@pytest.mark.parametrize("end", ["last sentence", "interrupted", "tool call"])
def test_an_answer_that_is_over_owes_nothing(watchdog: Watchdog, dialogue: Dialogue, end: str) -> None:
    dialogue.announced("One.")
    dialogue.spoke(1.0)
    watchdog.answered(10.0, ANSWER)
    match end:
        case "last sentence":
            dialogue.sentence_ended(is_last=True)
        case "interrupted":
            dialogue.interrupted()
        case _:
            dialogue.called("id", "look_up", "{}", 1.0)
    assert not watchdog.bites(60.0)


def test_speech_of_which_nothing_is_made_is_heard_again(
    watchdog: Watchdog, dialogue: Dialogue, ears: SpeechEnergy
) -> None:
    dialogue.speech_started(LOUD_FROM)
    dialogue.speech_ended(2.0)
    speak(ears)
    assert not watchdog.bites(2.5)
    watchdog.answered(2.6, {"event": {"userSpeechEnd": {}}})
    assert watchdog.bites(2.5 + LIMIT_S + 0.5)
    position = dialogue.recover(2.5 + LIMIT_S + 0.5).replay_from
    assert position is not None
    assert abs(position - LOUD_FROM) <= 512


def test_speech_that_was_not_told_of_when_a_stream_died_is_known(watchdog: Watchdog, ears: SpeechEnergy) -> None:
    assert watchdog.unheard_from(1.0, 16_000) is None
    speak(ears)
    position = watchdog.unheard_from(3.0, 48_000)
    assert position is not None
    assert abs(position - LOUD_FROM) <= 512
    assert watchdog.unheard_from(30.0, 16_000 * 30) is None


def test_speech_that_was_told_of_is_not_unheard(watchdog: Watchdog, ears: SpeechEnergy) -> None:
    speak(ears)
    watchdog.answered(2.5, WORDS)
    assert watchdog.unheard_from(3.0, 48_000) is None


def test_who_waits_for_a_tool_is_not_deaf(watchdog: Watchdog, dialogue: Dialogue, ears: SpeechEnergy) -> None:
    dialogue.called("id", "look_up", "{}", 1.0)
    speak(ears)
    assert not watchdog.bites(20.0)
    assert not watchdog.bites(20.0 + LIMIT_S + 0.5)


def test_speech_of_which_no_event_comes_bites_and_noise_not_again_for_a_minute(
    watchdog: Watchdog, ears: SpeechEnergy
) -> None:
    speak(ears)
    assert not watchdog.bites(20.0)
    assert watchdog.bites(20.0 + LIMIT_S + 0.5)
    speak(ears)
    assert not watchdog.bites(40.0)
    assert not watchdog.bites(40.0 + LIMIT_S + 0.5)
    assert UNHEARD_AGAIN_S > 20
