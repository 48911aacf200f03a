"""The difficult brain: every misdeed happens, none loses the caller's words, and a seed repeats itself."""

from __future__ import annotations

import pytest

from nova_agent.localsonic.brain import AgentSaid, CallTool, DifficultBrain, Say
from nova_agent.localsonic.brain import misdeeds as deeds

EVERY = list(deeds.RATES)


async def _converse(brain, stream, directive):
    """Opening, an answer, a question, a second answer; returns all actions by turn."""
    talk = stream(directive("How likely are you to recommend us?"))
    turns = [await brain.act(talk.begin())]
    talk.add(AgentSaid("(spoken)"))
    turns.append(await brain.act(talk.said("Eight.")))
    turns.append(await brain.act(talk.ran("record_answer", directive("And the staff?", ask="q2:2"))))
    talk.add(AgentSaid("(spoken)"))
    turns.append(await brain.act(talk.said("What do you mean?")))
    turns.append(await brain.act(talk.ran("repeat_tool", directive("Our staff, zero to ten?", ask="q2:3"))))
    talk.add(AgentSaid("(spoken)"))
    turns.append(await brain.act(talk.said("Nine.")))
    return turns


@pytest.mark.parametrize("misdeed", EVERY, ids=lambda misdeed: misdeed.__name__)
async def test_each_misdeed_happens_for_some_seed(misdeed, stream, directive):
    committed = set()
    for seed in range(40):
        brain = DifficultBrain(seed)
        await _converse(brain, stream, directive)
        committed.update(brain.misdeeds)
    assert misdeed.__name__ in committed


@pytest.mark.parametrize("seed", range(40))
async def test_the_callers_words_are_always_delivered_too(seed, stream, directive):
    turns = await _converse(DifficultBrain(seed), stream, directive)
    for turn, ask, words in ((turns[1], "q1:1", {"Eight.", "8"}), (turns[5], "q2:3", {"Nine.", "9"})):
        last = [action for action in turn if isinstance(action, CallTool)][-1]
        assert (last.name, last.arguments["ask"]) == ("record_answer", ask)
        assert last.arguments["answer"] in words


async def test_the_same_seed_gives_the_same_misdeeds(stream, directive):
    one, two, other = DifficultBrain(7), DifficultBrain(7), DifficultBrain(8)
    assert await _converse(one, stream, directive) == await _converse(two, stream, directive)
    await _converse(other, stream, directive)
    assert one.misdeeds == two.misdeeds != other.misdeeds


async def test_a_paraphrase_keeps_question_and_facts(stream, directive):
    brain = DifficultBrain(1, {deeds.paraphrase: 1.0})
    turns = await _converse(brain, stream, directive)
    assert "And the staff?" in turns[2][0].text
    assert turns[2][0].text != "And the staff?"


async def test_an_answer_is_invented_before_the_caller_spoke(stream, directive):
    brain = DifficultBrain(1, {deeds.invent_before_caller: 1.0})
    turns = await _converse(brain, stream, directive)
    assert turns[0][1] == CallTool("record_answer", {"ask": "q1:1", "answer": "10"})


async def test_a_question_is_recorded_as_an_invented_answer_first(stream, directive):
    brain = DifficultBrain(1, {deeds.invent_on_question: 1.0})
    turns = await _converse(brain, stream, directive)
    assert [action.name for action in turns[3]] == ["record_answer", "repeat_tool"]


async def test_a_stale_call_names_an_earlier_ask(stream, directive):
    brain = DifficultBrain(1, {deeds.call_out_of_order: 1.0})
    turns = await _converse(brain, stream, directive)
    asks = [action.arguments["ask"] for action in turns[5]]
    assert asks[0] in {"q1:1", "q2:2"}
    assert asks[1] == "q2:3"


async def test_the_call_is_ended_too_early_only_once(stream, directive):
    brain = DifficultBrain(1, {deeds.stop_too_early: 1.0})
    turns = await _converse(brain, stream, directive)
    called = [action.name for turn in turns for action in turn if isinstance(action, CallTool)]
    assert called.count("stop_tool") == 1


async def test_twice_double_encoded_and_talkative(stream, directive):
    brain = DifficultBrain(1, {deeds.call_twice: 1.0, deeds.double_encode: 1.0, deeds.talk_before_call: 1.0})
    turns = await _converse(brain, stream, directive)
    calls = [action for action in turns[1] if isinstance(action, CallTool)]
    assert [call.double_encoded for call in calls] == [True, True]
    assert any(isinstance(action, Say) for action in turns[1])


@pytest.mark.parametrize(("words", "value"), [("Eight.", "8"), ("10", "10"), ("twenty eight", "twenty eight")])
async def test_only_plain_numbers_are_normalised(words, value, stream, directive):
    talk = stream(directive("How likely?"))
    talk.opened()
    (call,) = await DifficultBrain(1, {deeds.normalise_words: 1.0}).act(talk.said(words))
    assert call.arguments["answer"] == value
