"""Clients that give no directives: someone's own prompt and tools."""

from __future__ import annotations

import pytest

from nova_agent.localsonic.brain import (
    AgentSaid,
    CallTool,
    Conversation,
    RulesBrain,
    Say,
    ToolCalled,
    ToolReturned,
    ToolSpec,
    UserSaid,
)

WEATHER = ToolSpec(
    "get_weather",
    "Current weather for a city",
    {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 1},
        },
        "required": ["city", "unit", "days"],
    },
)
LIGHTS = ToolSpec("set_lights", "Turn the lamps on or off", {"type": "object", "properties": {}})


@pytest.fixture
def conversation():
    return Conversation(system="You are a helpful assistant.", tools=(LIGHTS, WEATHER))


async def test_a_tool_whose_name_is_heard_is_called_with_every_required_parameter(conversation):
    conversation.items.append(UserSaid("What is the weather in Paris in Fahrenheit?"))
    (action,) = await RulesBrain().act(conversation)
    words = "What is the weather in Paris in Fahrenheit?"
    assert action == CallTool("get_weather", {"city": words, "unit": "fahrenheit", "days": 1})


async def test_words_without_a_tool_are_echoed(conversation):
    conversation.items.append(UserSaid("Good morning to you."))
    assert await RulesBrain().act(conversation) == (Say("I heard: Good morning to you."),)


@pytest.mark.parametrize(
    ("content", "spoken"),
    [
        ('{"code": 3, "message": "It is sunny."}', "It is sunny."),
        ('{"id": "a1", "forecast": {"detail": "Rain until noon"}}', "Rain until noon"),
        ('{"ok": true}', "Done."),
        ("[]", "Done."),
    ],
)
async def test_the_most_readable_string_of_a_result_is_spoken(conversation, content, spoken):
    conversation.items += [ToolCalled("1", "get_weather", {}), ToolReturned("1", "get_weather", content)]
    assert await RulesBrain().act(conversation) == (Say(spoken),)


async def test_a_demanded_tool_is_called_first(conversation):
    conversation.tool_choice = {"tool": {"name": "set_lights"}}
    conversation.items.append(UserSaid("Good morning."))
    assert await RulesBrain().act(conversation) == (CallTool("set_lights", {}),)


async def test_a_directive_that_comes_with_a_result_is_followed_from_then_on(conversation, directive):
    brain = RulesBrain()
    result = ToolReturned("1", "set_lights", directive("Which lamp?", schema={"type": "string"}))
    conversation.items += [UserSaid("The lights, please."), ToolCalled("1", "set_lights", {}), result]
    assert await brain.act(conversation) == (Say("Which lamp?"),)
    conversation.items += [AgentSaid("Which lamp?"), UserSaid("The one in the kitchen.")]
    (action,) = await brain.act(conversation)
    assert "record_answer" in action.text  # it is not declared, so it cannot be called
