"""What is open when a stream dies, and what the next one is given."""

from __future__ import annotations

import json

import pytest

from nova_agent.sonic.exchange import ASK_AGAIN, GO_ON, Dialogue, Recovery
from nova_agent.sonic.history import Turn

PARIS = json.dumps({"city": "Paris"})


@pytest.fixture
def dialogue() -> Dialogue:
    return Dialogue()


def speaks(dialogue: Dialogue, words: str, at: int = 1000) -> None:
    dialogue.speech_started(at)
    dialogue.speech_ended(1.0)
    dialogue.heard(words, at)


def says(dialogue: Dialogue, *sentences: str) -> None:
    for index, sentence in enumerate(sentences):
        dialogue.announced(sentence)
        dialogue.spoke(1.0)
        dialogue.sentence_ended(is_last=index == len(sentences) - 1)


def test_a_whole_exchange_is_two_turns_and_leaves_nothing_open(dialogue: Dialogue) -> None:
    speaks(dialogue, "Hello.")
    says(dialogue, "Good morning.", " How are you?")
    assert dialogue.turns == [Turn("USER", "Hello."), Turn("ASSISTANT", "Good morning. How are you?")]
    assert dialogue.is_quiet(2.0)
    assert dialogue.recover(2.0) == Recovery()


def test_words_without_an_answer_are_sent_again_from_their_beginning(dialogue: Dialogue) -> None:
    speaks(dialogue, "Hello.", at=5000)
    assert dialogue.recover(1.5) == Recovery(replay_from=5000)
    assert dialogue.history() == []


def test_speech_that_goes_on_before_an_answer_is_sent_again_as_a_whole(dialogue: Dialogue) -> None:
    speaks(dialogue, "I would like", at=5000)
    dialogue.speech_started(9000)
    assert dialogue.recover(1.5) == Recovery(replay_from=5000)


def test_a_typed_sentence_without_an_answer_is_typed_again(dialogue: Dialogue) -> None:
    dialogue.typed("Please begin.")
    assert dialogue.recover(1.0) == Recovery(typed="Please begin.")


def test_noise_is_not_sent_again(dialogue: Dialogue) -> None:
    dialogue.speech_started(1000)
    dialogue.speech_ended(1.0)
    assert not dialogue.is_quiet(2.0)
    assert dialogue.is_quiet(4.0)
    assert dialogue.recover(4.0) == Recovery()


def test_an_answer_cut_in_the_middle_is_gone_on_with(dialogue: Dialogue) -> None:
    speaks(dialogue, "Tell me.")
    dialogue.announced("One.")
    dialogue.spoke(1.0)
    dialogue.sentence_ended(is_last=False)
    dialogue.announced("Two.")
    dialogue.spoke(0.3)
    assert dialogue.recover(2.0) == Recovery(typed=GO_ON)
    assert dialogue.history() == [Turn("USER", "Tell me."), Turn("ASSISTANT", "One.")]
    assert dialogue.was_said("One.")
    assert not dialogue.was_said("Two.")


def test_who_spoke_over_an_answer_on_a_dying_stream_has_interrupted_it(dialogue: Dialogue) -> None:
    speaks(dialogue, "Tell me.")
    dialogue.announced("One.")
    dialogue.spoke(0.5)
    dialogue.unheard(50_000, 3.0, is_sure=False)
    assert dialogue.is_in_an_answer()
    dialogue.unheard(50_000, 3.0)
    assert dialogue.recover(3.0) == Recovery(replay_from=50_000)
    assert dialogue.turns == [Turn("USER", "Tell me."), Turn("ASSISTANT", "One.")]


def test_the_beginning_of_a_cut_sentence_has_been_heard(dialogue: Dialogue) -> None:
    test_an_answer_cut_in_the_middle_is_gone_on_with(dialogue)
    assert dialogue.seconds_said("Something else.") == 0.0
    assert dialogue.seconds_said(" Two. ") == 0.3
    assert dialogue.seconds_said("Two.") == 0.0


def test_a_call_made_again_while_going_on_is_known(dialogue: Dialogue) -> None:
    speaks(dialogue, "Weather?")
    dialogue.called("old", "look_up", PARIS, 1.0)
    dialogue.returned("old", '{"sky": "blue"}')
    dialogue.delivered("old")
    dialogue.announced("It is blue.")
    dialogue.spoke(0.3)
    assert dialogue.recover(2.0) == Recovery(typed=GO_ON)
    earlier = dialogue.called("new", "look_up", PARIS, 1.0)
    assert earlier is not None
    assert earlier.result == '{"sky": "blue"}'


def test_what_was_refused_is_neither_told_nor_sent_again(dialogue: Dialogue) -> None:
    speaks(dialogue, "Something that is not allowed.")
    assert dialogue.ask_again() == Recovery(typed=ASK_AGAIN)
    assert dialogue.is_asked_again()
    says(dialogue, "Would you say that again?")
    assert dialogue.turns == [Turn("ASSISTANT", "Would you say that again?")]
    assert not dialogue.is_asked_again()


def test_the_first_refusal_may_have_been_of_an_answer(dialogue: Dialogue) -> None:
    speaks(dialogue, "Tell me.")
    assert dialogue.is_refused_first()
    assert dialogue.recover(2.0).replay_from == 1000
    assert not dialogue.is_refused_first()


def test_the_wish_to_go_on_is_no_turn_of_the_caller(dialogue: Dialogue) -> None:
    test_an_answer_cut_in_the_middle_is_gone_on_with(dialogue)
    says(dialogue, "Two.")
    assert [turn.role for turn in dialogue.turns] == ["USER", "ASSISTANT", "ASSISTANT"]


def test_speaking_over_an_answer_settles_it_and_begins_anew(dialogue: Dialogue) -> None:
    speaks(dialogue, "Tell me.")
    dialogue.announced("A long story.")
    dialogue.spoke(1.0)
    dialogue.speech_started(90_000)
    dialogue.sentence_ended(is_last=True)
    dialogue.interrupted()
    assert dialogue.recover(3.0) == Recovery(replay_from=90_000)
    assert dialogue.turns[-1] == Turn("ASSISTANT", "A long story.")


def test_a_call_made_again_under_a_new_id_is_known(dialogue: Dialogue) -> None:
    speaks(dialogue, "Weather?")
    assert dialogue.called("old", "look_up", PARIS, 1.0) is None
    assert dialogue.returned("old", '{"sky": "blue"}') == "old"
    assert dialogue.recover(2.0) == Recovery(replay_from=1000)
    earlier = dialogue.called("new", "look_up", json.dumps(PARIS), 1.0)
    assert earlier is not None
    assert earlier.result == '{"sky": "blue"}'


def test_a_tool_that_still_runs_answers_the_call_that_was_made_again(dialogue: Dialogue) -> None:
    speaks(dialogue, "Weather?")
    dialogue.called("first", "look_up", PARIS, 1.0)
    for new in ("second", "third"):
        dialogue.recover(2.0)
        assert dialogue.called(new, "look_up", PARIS, 1.0) is not None
    assert dialogue.returned("first", "{}") == "third"


def test_a_result_that_comes_between_two_streams_waits_for_the_call(dialogue: Dialogue) -> None:
    speaks(dialogue, "Weather?")
    dialogue.called("old", "look_up", PARIS, 1.0)
    dialogue.recover(2.0)
    assert dialogue.returned("old", "{}") is None
    earlier = dialogue.called("new", "look_up", '{"city": "paris"}', 1.0)
    assert earlier is not None
    assert earlier.result == "{}"


def test_a_further_call_of_the_same_tool_is_a_new_one(dialogue: Dialogue) -> None:
    speaks(dialogue, "Weather?")
    dialogue.called("old", "look_up", PARIS, 1.0)
    dialogue.recover(2.0)
    assert dialogue.called("new", "look_up", PARIS, 1.0) is not None
    assert dialogue.called("newer", "look_up", PARIS, 1.0) is None


def test_what_was_said_before_a_call_is_not_said_again(dialogue: Dialogue) -> None:
    speaks(dialogue, "Weather?")
    dialogue.announced("One moment.")
    dialogue.spoke(0.5)
    dialogue.sentence_ended(is_last=False)
    dialogue.called("id", "look_up", PARIS, 1.0)
    dialogue.returned("id", "{}")
    dialogue.delivered("id")
    assert dialogue.recover(2.0) == Recovery(replay_from=1000)
    assert dialogue.was_said(" One  moment.")
    assert dialogue.repeats_transcript()


def test_a_result_that_never_comes_is_overdue_once_over_all_streams(dialogue: Dialogue) -> None:
    speaks(dialogue, "Weather?")
    dialogue.called("old", "look_up", PARIS, 1.0)
    dialogue.recover(2.0)
    assert dialogue.overdue(26.1, limit_s=25.0) == []
    dialogue.called("new", "look_up", PARIS, 20.0)
    assert dialogue.overdue(26.0, limit_s=25.0) == []
    assert dialogue.overdue(26.1, limit_s=90.0) == []
    assert dialogue.overdue(26.1, limit_s=25.0) == ["new"]
    dialogue.delivered("new")
    assert dialogue.overdue(26.1, limit_s=25.0) == []
    assert dialogue.returned("old", "{}") is None


def test_a_result_is_awaited_under_every_id_of_its_call(dialogue: Dialogue) -> None:
    assert not dialogue.awaits("old")
    speaks(dialogue, "Weather?")
    dialogue.called("old", "look_up", PARIS, 1.0)
    assert dialogue.awaits("old")
    dialogue.recover(2.0)
    assert dialogue.awaits("old")
    dialogue.called("new", "look_up", PARIS, 3.0)
    assert dialogue.awaits("old")
    dialogue.returned("old", "{}")
    assert not dialogue.awaits("old")
    assert not dialogue.awaits("new")


def test_a_result_nobody_waits_for_is_nobodys(dialogue: Dialogue) -> None:
    assert dialogue.returned("unknown", "{}") is None
