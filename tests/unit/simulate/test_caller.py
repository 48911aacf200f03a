from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.errors import ScenarioFailed
from nova_agent.simulate.caller import Heard, Patience, Said

Call = Callable[..., Any]


def said(call: Any) -> list[Said]:
    return [entry for entry in call.caller.conversation if isinstance(entry, Said)]


def heard(call: Any) -> list[Heard]:
    return [entry for entry in call.caller.conversation if isinstance(entry, Heard)]


async def test_a_caller_answers_what_it_is_asked(call: Call) -> None:
    steps = [{"when": "how likely", "say": "eight please"}, {"when": "anything else", "say": "no thanks"}]
    held = call(steps, ["How likely are you to come back?", "Is there anything else?", "Goodbye."])
    await held.run()
    assert held.agent.heard == ["eight please", "no thanks"]
    assert [entry.text for entry in heard(held)][:2] == ["How likely are you to come back?", "Is there anything else?"]


async def test_a_caller_waits_after_the_agent_was_last_heard(call: Call) -> None:
    held = call([{"when": "ready", "say": "yes", "after_ms": 1500}], ["Are you ready now?", "Good."])
    await held.run()
    question = heard(held)[0]
    assert said(held)[0].start_ms - question.end_ms == pytest.approx(1500, abs=40)


async def test_what_does_not_match_is_not_answered(call: Call) -> None:
    held = call([{"when": "your age", "say": "forty"}], ["Lovely weather today."], hang_up=False)
    with pytest.raises(ScenarioFailed, match=r'step 1 .* 20 s, which waits for "your age".*Lovely weather'):
        await held.run()
    assert 20_000 <= held.line.now_ms <= 23_000


async def test_a_silent_agent_fails_the_scenario_too(call: Call) -> None:
    held = call([{"any": True, "say": "hello"}], [" "], hang_up=False)
    with pytest.raises(ScenarioFailed, match="last heard"):
        await held.run()


async def test_a_barge_in_comes_after_the_first_audio_of_the_turn(call: Call) -> None:
    held = call([{"barge_in_ms": 800, "say": "stop it"}], ["This is a very long and boring introduction.", "Bye."])
    await held.run()
    barge_in = said(held)[0]
    assert barge_in.over_agent
    assert barge_in.start_ms == pytest.approx(800, abs=60)
    assert held.agent.heard == ["stop it"]
    assert heard(held)[0].text != "This is a very long and boring introduction."


async def test_a_barge_in_may_wait_for_a_phrase(call: Call) -> None:
    steps = [{"when": "boring part", "barge_in_ms": 500, "say": "stop it"}]
    held = call(steps, ["This here is the boring part and it will not end soon at all.", "Bye."])
    await held.run()
    assert said(held)[0].over_agent
    assert 1_500 <= said(held)[0].start_ms <= 3_600


async def test_a_turn_shorter_than_the_barge_in_is_answered_at_its_end(call: Call) -> None:
    held = call([{"barge_in_ms": 5000, "say": "hello"}], ["Hi there.", "Bye."])
    await held.run()
    assert not said(held)[0].over_agent


async def test_what_was_interrupted_does_not_call_for_the_next_step(call: Call) -> None:
    steps = [{"barge_in_ms": 1500, "say": "wait"}, {"when": "how likely", "say": "nine"}]
    held = call(steps, ["How likely are you to come again?", "Sorry. How likely is it?", "Bye."])
    await held.run()
    assert held.agent.heard == ["wait", "nine"]
    assert said(held)[1].start_ms > heard(held)[1].end_ms


async def test_silence_lasts_as_long_as_the_script_says(call: Call) -> None:
    held = call([{"when": "ready", "silent_ms": 8000, "say": "yes"}], ["Are you ready now?", "Good."])
    await held.run()
    assert said(held)[0].start_ms - heard(held)[0].end_ms == pytest.approx(8000, abs=40)


async def test_a_polite_caller_lets_the_agent_finish(call: Call) -> None:
    held = call([{"when": "ready", "silent_ms": 2000, "say": "yes"}], ["Are you ready?"], hang_up=False)
    again: list[int] = []

    async def remind() -> None:
        while held.line.now_ms < 2_000:
            await held.line.next_slot()
        await held.agent.say("Hello? I asked if you are ready for it?")
        again.append(held.line.now_ms)
        while not held.agent.heard and not said(held):
            await held.line.next_slot()
        held.line.hang_up()

    held.agent.run = _one_after_the_other(held.agent.run, remind)
    await held.run()
    assert again
    assert said(held)[0].start_ms >= heard(held)[1].end_ms
    assert len(said(held)) == 1


async def test_optional_steps_are_passed_over(call: Call) -> None:
    steps = [
        {"when": "may I record", "say": "sure", "optional": True},
        {"when": "how likely", "say": "nine"},
    ]
    held = call(steps, ["How likely are you to return?", "Bye."])
    await held.run()
    assert held.agent.heard == ["nine"]


async def test_anytime_steps_answer_whenever_they_are_called_for(call: Call) -> None:
    steps = [
        {"when": "is that right", "say": "yes", "anytime": True},
        {"when": "how likely", "say": "nine"},
        {"when": "how old", "say": "forty"},
    ]
    held = call(
        steps, ["How likely is it?", "Nine. Is that right?", "How old are you?", "Forty. Is that right?", "Bye."]
    )
    await held.run()
    assert held.agent.heard == ["nine", "yes", "forty", "yes"]


async def test_the_question_asked_last_is_answered(call: Call) -> None:
    steps = [
        {"when": "is that right", "say": "yes", "anytime": True},
        {"when": "how likely", "say": "nine"},
    ]
    held = call(steps, ["How likely, you said ten, is that right?", "So how likely is it?", "Bye."])
    await held.run()
    assert held.agent.heard == ["yes", "nine"]


async def test_a_repeated_step_matches_again(call: Call) -> None:
    steps = [{"when": "your age", "say": "forty", "repeat": 2}, {"when": "thank you", "say": "bye"}]
    held = call(steps, ["What is your age?", "Pardon, your age?", "Fine, thank you.", "Bye."])
    await held.run()
    assert held.agent.heard == ["forty", "forty", "bye"]


async def test_a_caller_can_hang_up_after_a_last_word(call: Call) -> None:
    held = call([{"any": True, "say": "wrong number", "hang_up": True}], ["Hello.", "Oh."], hang_up=False)
    await held.run()
    assert held.line.ended
    assert held.line.now_ms == pytest.approx(said(held)[0].end_ms, abs=60)


async def test_a_call_that_ends_too_early_names_the_step_that_was_left(call: Call) -> None:
    held = call([{"any": True, "say": "one"}, {"when": "second question", "say": "two"}], ["Hello.", "Bye."])
    with pytest.raises(ScenarioFailed, match=r'ended before step 2, which waits for "second question"'):
        await held.run()


async def test_a_call_that_goes_on_after_the_script_fails(call: Call) -> None:
    held = call([{"any": True, "say": "one"}], ["Hello.", "Fine."], hang_up=False)
    with pytest.raises(ScenarioFailed, match="did not end within 60 s"):
        await held.run()


async def test_an_endless_call_is_given_up(call: Call) -> None:
    patience = Patience(for_step_ms=10_000_000, altogether_ms=30_000)
    held = call([{"when": "never", "say": "one"}], ["Hello."], hang_up=False, patience=patience)
    with pytest.raises(ScenarioFailed, match="not ended after 30 s"):
        await held.run()


def _one_after_the_other(first: Any, second: Any) -> Any:
    async def both() -> None:
        await first()
        await second()

    return both
