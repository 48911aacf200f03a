from __future__ import annotations

import pytest

from nova_agent.simulate.matching import where_heard

QUESTION = "Thank you. On a scale from zero to ten, how likely are you to recommend us to a friend?"


@pytest.mark.parametrize("phrase", ["how likely", "HOW LIKELY!", "scale from 0 to 10", "recommend us"])
def test_a_phrase_is_heard_in_spite_of_case_numbers_and_small_mistakes(phrase: str) -> None:
    assert where_heard([phrase], QUESTION) is not None


def test_what_ears_make_of_a_phrase_is_close_enough() -> None:
    assert where_heard(["how likely are you"], "On a scale from zero to ten, how lightly are you to") is not None


@pytest.mark.parametrize("phrase", ["phone number", "anything else", "right", "how satisfied were you", ""])
def test_what_was_not_said_is_not_heard(phrase: str) -> None:
    assert where_heard([phrase], QUESTION) is None


def test_a_short_phrase_has_to_fit_better() -> None:
    assert where_heard(["right"], "You were here last night.") is None
    assert where_heard(["right"], "Eight, is that right?") is not None


def test_a_fragment_of_a_phrase_is_not_the_phrase() -> None:
    assert where_heard(["would you like to be called back"], "would you") is None


def test_any_of_several_phrases_is_enough_and_the_last_one_counts() -> None:
    early, late = where_heard(["thank you"], QUESTION), where_heard(["thank you", "a friend"], QUESTION)
    assert early is not None
    assert late is not None
    assert early < late


def test_nothing_is_heard_in_silence() -> None:
    assert where_heard(["hello"], "") is None


def test_a_word_misheard_as_a_number_is_still_the_phrase() -> None:
    assert where_heard(["since when have you"], "Got it, since one have you had this.") is not None
