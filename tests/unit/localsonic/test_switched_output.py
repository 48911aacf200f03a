"""Switches that decide what goes out, and when: each against its default."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.localsonic import rejections
from nova_agent.localsonic.brain.port import CallTool, Say
from nova_agent.localsonic.facts import TextTyped, ToolResultGiven
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.switches import Switches

Drive = Callable[..., Any]
MARKER = '{ "interrupted" : true }'
LOOK_UP = CallTool("look_up", {"city": "Paris"})
NOVA_2 = "amazon.nova-2-sonic-v1:0"


async def interrupted(drive: Drive, *, after_s: float = 0.8, **switches: Any) -> list[str]:
    """What goes out from the speech that interrupts a sentence of 1.6 s on."""
    prompt = drive([Say("I can help you with that today.")], heard=["Hello.", "Stop."], switches=Switches(**switches))
    await prompt.say()
    await prompt.clock.advance(after_s)
    sent = len(prompt.outlet.outline)
    await prompt.hear(speech_ms=128)
    outline: list[str] = prompt.outlet.outline[sent:]
    return outline


@pytest.mark.parametrize(
    ("layout", "after"),
    [
        ("marker", [MARKER, "INTERRUPTED", "TEXT ASSISTANT FINAL", "I can help you", "END_TURN"]),
        ("marker-then-spoken", [MARKER, "PARTIAL_TURN", "TEXT ASSISTANT FINAL", "I can help you", "INTERRUPTED"]),
        ("spoken", ["I can help you", "INTERRUPTED"]),
    ],
)
async def test_barge_in_has_the_layout_of_its_switch(drive: Drive, layout: str, after: list[str]) -> None:
    assert await interrupted(drive, barge_in_layout=layout) == ["userSpeechStart", "TEXT ASSISTANT FINAL", *after]


async def test_barge_in_may_show_in_nothing_but_the_start_of_speech(drive: Drive) -> None:
    assert await interrupted(drive, barge_in_layout="silent") == ["userSpeechStart"]


@pytest.mark.parametrize("stop", ["END_TURN", "INTERRUPTED", "PARTIAL_TURN"])
async def test_the_audio_that_is_cut_ends_as_its_switch_says(drive: Drive, stop: str) -> None:
    prompt = drive(
        [Say("A very long sentence " * 20)], heard=["Hello.", "Stop."], switches=Switches(barge_in_audio_stop=stop)
    )
    await prompt.say()
    await prompt.clock.advance(0.5)
    await prompt.hear(speech_ms=128)
    outline = prompt.outlet.outline
    assert outline[outline.index(MARKER) - 2] == stop


async def test_final_texts_may_wait_for_the_next_input(drive: Drive) -> None:
    prompt = drive([Say("One.")], heard=["Hello.", "Again."], switches=Switches(final_text="next-input"))
    await prompt.say()
    await prompt.clock.advance(5)
    assert "TEXT ASSISTANT FINAL" not in prompt.outlet.outline
    await prompt.hear(speech_ms=128)
    assert prompt.outlet.outline[-4:] == ["userSpeechStart", "TEXT ASSISTANT FINAL", "One.", "END_TURN"]


async def test_final_texts_may_be_missing(drive: Drive) -> None:
    prompt = drive([Say("One.")], heard=["Hello.", "Again."], switches=Switches(final_text="missing"))
    await prompt.say()
    await prompt.clock.advance(5)
    await prompt.say()
    assert "TEXT ASSISTANT FINAL" not in prompt.outlet.outline


async def test_final_texts_may_be_late(drive: Drive) -> None:
    prompt = drive([Say("One.")], heard=["Hello."], final_text_delay_s=3.0)
    await prompt.say()
    await prompt.clock.advance(2.9)
    assert "TEXT ASSISTANT FINAL" not in prompt.outlet.outline
    await prompt.clock.advance(1)
    assert "TEXT ASSISTANT FINAL" in prompt.outlet.outline


async def test_a_completion_may_end_with_each_answer(drive: Drive) -> None:
    prompt = drive([Say("One.")], [Say("Two.")], heard=["A.", "B."], switches=Switches(completion_per_turn=True))
    for _ in range(2):
        await prompt.say()
        await prompt.clock.advance(5)
    assert prompt.outlet.outline.count("completionStart") == prompt.outlet.outline.count("completionEnd") == 2
    assert len({body["completionId"] for body in prompt.outlet.named("completionStart")}) == 2
    prompt.prompt.end()
    assert prompt.outlet.outline.count("completionEnd") == 2


async def test_typed_text_may_come_back_as_the_callers(drive: Drive) -> None:
    prompt = drive([Say("Hello.")], switches=Switches(echo_typed_text=True))
    await prompt.hear(silence_ms=128)
    await prompt.give(TextTyped("Good morning."))
    assert prompt.outlet.outline[:3] == ["TEXT USER FINAL", "Good morning.", "PARTIAL_TURN"]


async def test_the_callers_speech_may_go_unreported(drive: Drive) -> None:
    prompt = drive([Say("One.")], heard=["Hello."], switches=Switches(user_speech_events=False))
    await prompt.say()
    assert prompt.outlet.outline[0] == "TEXT USER FINAL"


@pytest.mark.parametrize("carried", [True, False])
async def test_speech_events_may_carry_a_completion_id(drive: Drive, carried: bool) -> None:
    prompt = drive(heard=[""], switches=Switches(user_speech_completion_id=carried))
    await prompt.say()
    bodies = [*prompt.outlet.named("userSpeechStart"), *prompt.outlet.named("userSpeechEnd")]
    assert {"completionId" in body for body in bodies} == {carried}


@pytest.mark.parametrize(("carried", "role"), [(True, "TOOL"), (False, None)])
async def test_a_tool_use_may_carry_a_role(drive: Drive, carried: bool, role: str | None) -> None:
    prompt = drive([LOOK_UP], heard=["Weather?"], switches=Switches(tool_use_role=carried))
    await prompt.say()
    assert prompt.outlet.named("toolUse")[0].get("role") == role


@pytest.mark.parametrize(
    ("order", "model_id", "calls"),
    [
        ("model", NOVA_2, 2),
        ("model", "amazon.nova-2-5-sonic", 1),
        ("parallel", "amazon.nova-2-5-sonic", 2),
        ("chained", NOVA_2, 1),
    ],
)
async def test_tools_are_called_at_once_or_in_a_chain(drive: Drive, order: str, model_id: str, calls: int) -> None:
    prompt = drive([LOOK_UP, LOOK_UP], heard=["Weather?"], model_id=model_id, switches=Switches(tool_order=order))
    await prompt.say()
    assert len(prompt.outlet.named("toolUse")) == calls


@pytest.mark.parametrize(("encoding", "twice"), [("always", [True, True]), ("alternate", [False, True])])
async def test_arguments_may_be_encoded_twice_by_switch(drive: Drive, encoding: str, twice: list[bool]) -> None:
    switches = Switches(double_encoded_arguments=encoding)
    prompt = drive([LOOK_UP, LOOK_UP], heard=["Weather?"], model_id=NOVA_2, switches=switches)
    await prompt.say()
    contents = [json.loads(body["content"]) for body in prompt.outlet.named("toolUse")]
    assert [isinstance(content, str) for content in contents] == twice


async def test_the_result_of_an_unknown_call_may_be_ignored(drive: Drive) -> None:
    prompt = drive([LOOK_UP], heard=["Weather?"], switches=Switches(unknown_tool_use_id="ignore"))
    await prompt.say()
    await prompt.give(ToolResultGiven("unknown", "{}"))
    assert len(prompt.outlet.named("toolUse")) == 1


async def test_the_result_of_an_unknown_call_may_bring_the_call_again(drive: Drive) -> None:
    prompt = drive([LOOK_UP], [Say("Blue.")], heard=["Weather?"], switches=Switches(unknown_tool_use_id="call-again"))
    await prompt.say()
    await prompt.give(ToolResultGiven("unknown", "{}"))
    assert len({body["toolUseId"] for body in prompt.outlet.named("toolUse")}) == 2
    await prompt.answer_tool(1)
    assert "Blue." in prompt.outlet.outline


async def test_audio_while_a_tool_runs_may_be_refused(drive: Drive) -> None:
    prompt = drive([LOOK_UP], heard=["Weather?"], switches=Switches(audio_while_tool_runs="reject"))
    await prompt.say()
    with pytest.raises(StreamRejected) as caught:
        await prompt.hear(silence_ms=32)
    assert caught.value.message == rejections.INVALID_INPUT


@pytest.mark.parametrize(("billed", "tokens"), [(True, 25), (False, 0)])
async def test_silence_may_be_billed(drive: Drive, billed: bool, tokens: int) -> None:
    prompt = drive([Say("Hi.")], switches=Switches(bill_silence=billed))
    await prompt.hear(silence_ms=1000)
    await prompt.give(TextTyped("Hello."))
    reports = prompt.outlet.named("usageEvent")
    assert reports[-1]["details"]["total"]["input"]["speechTokens"] == tokens


async def test_frames_may_be_padded(drive: Drive) -> None:
    prompt = drive([Say("One. Two.")], heard=["Hello."], switches=Switches(payload_padding=True))
    await prompt.say()
    assert all("p" in json.loads(frame.payload) for frame in prompt.outlet.frames)
    assert "One." in prompt.outlet.outline
