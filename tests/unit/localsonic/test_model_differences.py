"""Where Nova 2, Nova 2.5 and version 1 differ, over fakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.localsonic.brain.port import CallTool, Say
from nova_agent.localsonic.facts import TextTyped

Drive = Callable[..., Any]
NOVA_1, NOVA_2, NOVA_2_5 = "amazon.nova-sonic-v1:0", "amazon.nova-2-sonic-v1:0", "amazon.nova-2-5-sonic"
LOOK_UP = CallTool("look_up", {})


@pytest.mark.parametrize(("model_id", "reported"), [(NOVA_1, False), (NOVA_2, True), (NOVA_2_5, True)])
async def test_speech_is_reported_from_nova_2_on(drive: Drive, model_id: str, reported: bool) -> None:
    prompt = drive(heard=["Hello."], model_id=model_id)
    await prompt.say()
    assert ("userSpeechStart" in prompt.outlet.outline) is reported


@pytest.mark.parametrize(("model_id", "asked"), [(NOVA_1, 0), (NOVA_2, 1), (NOVA_2_5, 1)])
async def test_typed_text_is_answered_from_nova_2_on(drive: Drive, model_id: str, asked: int) -> None:
    prompt = drive([Say("Hello.")], model_id=model_id)
    await prompt.hear(silence_ms=128)
    await prompt.give(TextTyped("Hello."))
    assert prompt.brain.asked == asked


@pytest.mark.parametrize(("model_id", "asked"), [(NOVA_1, 1), (NOVA_2, 2), (NOVA_2_5, 1)])
async def test_only_nova_2_talks_while_a_tool_runs(drive: Drive, model_id: str, asked: int) -> None:
    prompt = drive([LOOK_UP], [Say("One moment.")], heard=["Weather?", "Are you there?"], model_id=model_id)
    await prompt.say()
    await prompt.say()
    assert prompt.brain.asked == asked
    assert prompt.brain.conversation.outstanding == (prompt.outlet.named("toolUse")[0]["toolUseId"],)


async def test_nova_2_speaks_a_late_result_when_it_comes(drive: Drive) -> None:
    answers = ([LOOK_UP], [Say("One moment.")], [Say("It is blue.")])
    prompt = drive(*answers, heard=["Weather?", "Are you there?"], model_id=NOVA_2)
    await prompt.say()
    await prompt.say()
    await prompt.clock.advance(5)
    await prompt.answer_tool(0)
    await prompt.clock.advance(5)
    outline = prompt.outlet.outline
    assert outline.index("One moment.") < outline.index("It is blue.")
    assert prompt.brain.conversation.outstanding == ()


async def test_an_answer_is_cut_at_max_tokens(drive: Drive) -> None:
    prompt = drive([Say("Four words stand here. And a second sentence. And a third.")], heard=["Go."], max_tokens=9)
    await prompt.say()
    await prompt.clock.advance(9)
    assert prompt.mouth.spoken == ["Four words stand here.", "And a second"]
    assert prompt.outlet.outline.count("END_TURN") == 2
