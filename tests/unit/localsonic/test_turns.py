"""Turns of one prompt over fakes: what is sent, in which order, and what the brain is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.localsonic.brain.port import AgentSaid, CallTool, Say, ToolCalled, ToolReturned, UserSaid
from nova_agent.localsonic.facts import SystemGiven, TextTyped, ToolResultGiven
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.switches import Switches

Drive = Callable[..., Any]
MARKER = '{ "interrupted" : true }'
LOOK_UP = CallTool("look_up", {"city": "Paris"})


async def test_a_spoken_turn_goes_out_in_order(drive: Drive) -> None:
    prompt = drive([Say("One. Two.")], heard=["Hello there."])
    await prompt.say()
    await prompt.clock.advance(5)
    assert prompt.outlet.outline == [
        *("userSpeechStart", "userSpeechEnd"),
        *("TEXT USER FINAL", "Hello there.", "PARTIAL_TURN"),
        "completionStart",
        *("TEXT ASSISTANT SPECULATIVE", "One.", "PARTIAL_TURN", "AUDIO ASSISTANT", "PARTIAL_TURN"),
        *("TEXT ASSISTANT SPECULATIVE", " Two.", "PARTIAL_TURN", "AUDIO ASSISTANT", "END_TURN"),
        *("TEXT ASSISTANT FINAL", "One.", "END_TURN", "TEXT ASSISTANT FINAL", " Two.", "PARTIAL_TURN"),
    ]
    assert prompt.brain.conversation.items == [UserSaid("Hello there."), AgentSaid("One. Two.")]


async def test_the_completion_can_start_with_the_callers_speech(drive: Drive) -> None:
    prompt = drive([Say("One.")], heard=["Hello."], switches=Switches(completion_start="speech"))
    await prompt.say()
    assert prompt.outlet.outline[:3] == ["userSpeechStart", "completionStart", "userSpeechEnd"]
    assert prompt.outlet.outline.count("completionStart") == 1


async def test_offsets_are_counted_in_received_audio(drive: Drive) -> None:
    prompt = drive(heard=["Hello."])
    await prompt.hear(silence_ms=320)
    await prompt.say()
    start, end = prompt.outlet.named("userSpeechStart")[0], prompt.outlet.named("userSpeechEnd")[0]
    assert start["inputAudioOffsetMs"] == 320
    assert (end["inputAudioOffsetMs"], end["inputAudioDetectionOffsetMs"]) == (960, 1440)


async def test_nova_2_returns_the_callers_words_in_lower_case(drive: Drive) -> None:
    prompt = drive(heard=["Hello Anna."], model_id="amazon.nova-2-sonic-v1:0")
    await prompt.say()
    assert "hello anna." in prompt.outlet.outline
    assert prompt.brain.conversation.items == [UserSaid("Hello Anna.")]


async def test_noise_is_no_turn(drive: Drive) -> None:
    prompt = drive([Say("What?")], heard=[""])
    await prompt.say()
    assert prompt.outlet.outline == ["userSpeechStart", "userSpeechEnd"]
    assert prompt.brain.asked == 0


async def test_words_that_the_brain_supplies_are_not_recognised(drive: Drive) -> None:
    prompt = drive([Say("Hello.")], [Say("Again?")], heard=["From the ears."])
    prompt.brain.supplied = ["From the script.", None]
    await prompt.say()
    assert prompt.brain.conversation.items[0] == UserSaid("From the script.")
    assert prompt.ears.texts == ["From the ears."]
    await prompt.clock.advance(5)
    await prompt.say()
    assert prompt.brain.conversation.items[2] == UserSaid("From the ears.")


async def test_the_first_sentence_is_sent_before_the_second_is_synthesised(drive: Drive) -> None:
    prompt = drive([Say("A first sentence of some length. Two.")], heard=["Hello."])
    await prompt.say()
    assert prompt.outlet.named("audioOutput")
    assert prompt.mouth.spoken == ["A first sentence of some length."]
    await prompt.clock.advance(5)
    assert len(prompt.mouth.spoken) == 2


async def test_final_texts_wait_until_the_answer_has_been_played(drive: Drive) -> None:
    prompt = drive([Say("Twenty characters ok")], heard=["Hello."])
    await prompt.say()
    await prompt.clock.advance(0.9)
    assert "TEXT ASSISTANT FINAL" not in prompt.outlet.outline
    await prompt.clock.advance(0.2)
    assert "TEXT ASSISTANT FINAL" in prompt.outlet.outline


async def test_speech_within_the_played_span_interrupts(drive: Drive) -> None:
    prompt = drive([Say("I can help you with that today.")], heard=["Hello.", "Stop."])
    await prompt.say()
    await prompt.clock.advance(0.8)
    await prompt.hear(speech_ms=128)
    outline = prompt.outlet.outline
    after_marker = outline[outline.index(MARKER) :]
    assert after_marker == [MARKER, "INTERRUPTED", "TEXT ASSISTANT FINAL", "I can help you", "END_TURN"]
    assert prompt.brain.conversation.items[-1] == AgentSaid("I can help you", interrupted=True)


async def test_an_open_audio_block_is_closed_before_the_marker(drive: Drive) -> None:
    prompt = drive([Say("A very long sentence " * 20)], heard=["Hello.", "Stop."])
    await prompt.say()
    await prompt.clock.advance(0.5)
    sent = len(prompt.outlet.named("audioOutput"))
    await prompt.hear(speech_ms=128)
    outline = prompt.outlet.outline
    assert outline[outline.index(MARKER) - 3 : outline.index(MARKER)] == [
        "userSpeechStart",
        "END_TURN",
        "TEXT ASSISTANT FINAL",
    ]
    await prompt.clock.advance(30)
    assert len(prompt.outlet.named("audioOutput")) == sent


async def test_speech_after_the_played_span_interrupts_nothing(drive: Drive) -> None:
    prompt = drive([Say("Short.")], heard=["Hello.", "Again."])
    await prompt.say()
    await prompt.clock.advance(1)
    await prompt.say()
    assert MARKER not in prompt.outlet.outline
    assert prompt.brain.conversation.items[1] == AgentSaid("Short.")


async def test_words_that_follow_at_once_replace_an_answer_that_is_due(drive: Drive) -> None:
    prompt = drive([Say("Both.")], heard=["I would like", "an appointment."])
    prompt.ears.ready.clear()
    await prompt.say()
    await prompt.hear(speech_ms=320)
    prompt.ears.ready.set()
    await prompt.hear(silence_ms=512)
    await prompt.clock.advance(2)
    assert prompt.brain.asked == 1
    assert prompt.brain.conversation.items[:2] == [UserSaid("I would like"), UserSaid("an appointment.")]
    assert MARKER not in prompt.outlet.outline


async def test_noise_gives_the_floor_back_to_an_answer_that_is_due(drive: Drive) -> None:
    prompt = drive([Say("Yes.")], heard=["Hello.", ""])
    prompt.ears.ready.clear()
    await prompt.say()
    await prompt.hear(speech_ms=320)
    prompt.ears.ready.set()
    await prompt.hear()
    assert prompt.brain.asked == 0
    await prompt.hear(silence_ms=512)
    assert prompt.brain.asked == 1


async def test_a_tool_is_called_and_its_result_answered(drive: Drive) -> None:
    prompt = drive([LOOK_UP], [Say("It is blue.")], heard=["Weather?"])
    await prompt.say()
    call = prompt.outlet.named("toolUse")[0]
    assert (call["toolName"], call["content"]) == ("look_up", '{"city": "Paris"}')
    await prompt.answer_tool(0)
    assert prompt.brain.conversation.items[1:3] == [
        ToolCalled(call["toolUseId"], "look_up", {"city": "Paris"}),
        ToolReturned(call["toolUseId"], "look_up", '{"a": 1}'),
    ]
    assert "It is blue." in prompt.outlet.outline
    assert prompt.outlet.outline.count("completionStart") == 1


async def test_speech_before_a_call_does_not_end_the_turn(drive: Drive) -> None:
    prompt = drive([Say("Let me see."), LOOK_UP], heard=["Weather?"], model_id="amazon.nova-2-sonic-v1:0")
    await prompt.say()
    await prompt.clock.advance(0.2)
    outline = prompt.outlet.outline
    assert "END_TURN" not in outline
    assert outline[-3:] == ["TOOL TOOL", '{"city": "Paris"}', "TOOL_USE"]


async def test_the_brain_waits_for_every_result(drive: Drive) -> None:
    prompt = drive([LOOK_UP, LOOK_UP], [Say("Done.")], heard=["Weather?"], model_id="amazon.nova-2-sonic-v1:0")
    await prompt.say()
    await prompt.answer_tool(1)
    assert prompt.brain.asked == 1
    await prompt.answer_tool(0)
    assert prompt.brain.asked == 2


async def test_words_during_a_tool_call_wait_for_its_result(drive: Drive) -> None:
    prompt = drive([LOOK_UP], [Say("Done.")], heard=["Weather?", "Hurry up."])
    await prompt.say()
    await prompt.say()
    assert prompt.brain.asked == 1
    await prompt.answer_tool(0)
    assert prompt.brain.asked == 2
    assert UserSaid("Hurry up.") in prompt.brain.conversation.items


async def test_nova_2_5_chains_its_calls_without_a_word(drive: Drive) -> None:
    prompt = drive([Say("Let me see."), LOOK_UP, LOOK_UP], heard=["Weather?"])
    await prompt.say()
    assert len(prompt.outlet.named("toolUse")) == 1
    await prompt.answer_tool(0)
    assert len(prompt.outlet.named("toolUse")) == 2
    assert prompt.mouth.spoken == []


async def test_arguments_can_be_encoded_twice(drive: Drive) -> None:
    prompt = drive([CallTool("look_up", {"a": 1}, double_encoded=True)], heard=["Weather?"])
    await prompt.say()
    assert prompt.outlet.named("toolUse")[0]["content"] == '"{\\"a\\": 1}"'


async def test_a_result_for_no_open_call_is_refused(drive: Drive) -> None:
    prompt = drive()
    with pytest.raises(StreamRejected):
        await prompt.give(ToolResultGiven("unknown", "{}"))


async def test_typed_text_waits_for_100_ms_of_audio_and_is_not_echoed(drive: Drive) -> None:
    prompt = drive([Say("Hello.")])
    await prompt.hear(silence_ms=96)
    await prompt.give(TextTyped("Greet the caller."))
    assert prompt.brain.asked == 0
    await prompt.hear(silence_ms=32)
    assert prompt.brain.conversation.items[0] == UserSaid("Greet the caller.", typed=True)
    assert "TEXT USER FINAL" not in prompt.outlet.outline


async def test_typed_text_interrupts_an_answer_that_is_heard(drive: Drive) -> None:
    prompt = drive([Say("A long answer to begin with.")], [Say("Next.")], heard=["Hello."])
    await prompt.say()
    await prompt.clock.advance(0.6)
    await prompt.give(TextTyped("Next, please."))
    assert prompt.outlet.outline.index(MARKER) < prompt.outlet.outline.index("Next.")


@pytest.mark.parametrize("way", ["input", "output"])
@pytest.mark.parametrize("kind", ["speechTokens", "textTokens"])
async def test_the_totals_of_usage_are_the_sums_of_their_deltas(drive: Drive, way: str, kind: str) -> None:
    prompt = drive([Say("Hello.")], heard=["Hello."])
    await prompt.give(SystemGiven("Be kind."))
    await prompt.say()
    await prompt.clock.advance(2)
    reports = prompt.outlet.named("usageEvent")
    last = reports[-1]
    assert sum(report["details"]["delta"][way][kind] for report in reports) == last["details"]["total"][way][kind] > 0
    assert sum(last["details"]["total"][way].values()) == last[f"total{way.capitalize()}Tokens"]
    assert last["totalTokens"] == last["totalInputTokens"] + last["totalOutputTokens"]


async def test_each_turn_leaves_its_stamps(drive: Drive) -> None:
    prompt = drive([Say("Hello.")], heard=["Hello."])
    await prompt.say()
    (timing,) = prompt.timings
    assert timing.speech_end_ms == 640
    assert timing.detected_at <= timing.transcribed_at <= timing.decided_at <= timing.first_audio_at


async def test_the_end_of_the_prompt_stops_an_answer(drive: Drive) -> None:
    prompt = drive([Say("A very long sentence " * 20)], heard=["Hello."])
    await prompt.say()
    prompt.prompt.end()
    await prompt.clock.advance(30)
    assert prompt.outlet.outline[-2:] == ["END_TURN", "completionEnd"]


async def test_a_completion_that_never_started_does_not_end(drive: Drive) -> None:
    prompt = drive()
    await prompt.hear(silence_ms=640)
    prompt.prompt.end()
    assert prompt.outlet.outline == []


@pytest.mark.parametrize("turns_of_the_loop", range(8))
async def test_a_prompt_can_be_cancelled_while_it_drops_an_answer(drive: Drive, turns_of_the_loop: int) -> None:
    driver = drive([Say("One.")], [Say("Two.")])
    await driver.hear(silence_ms=128)
    driver.prompt.handle(TextTyped("a"))
    await asyncio.sleep(0)
    driver.prompt.handle(TextTyped("b"))
    for _ in range(turns_of_the_loop):
        await asyncio.sleep(0)
    await asyncio.wait_for(driver.close(), 1)
