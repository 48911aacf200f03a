"""The scripted brain: strict about what happens, clear about what is wrong."""

from __future__ import annotations

import pytest

from nova_agent.errors import ContentInvalid, ScenarioFailed
from nova_agent.localsonic.brain import (
    CallTool,
    Conversation,
    Say,
    ScriptedBrain,
    ToolCalled,
    ToolReturned,
    UserSaid,
    make_brain,
)

SCRIPT = """
- expect: {said: "(?i)weather"}
  emit:
    - say: "One moment."
    - {call: get_weather, arguments: {city: "$said", days: 2}, double_encoded: true}
- expect: {tool_result: get_weather}
  emit: [{say: "$say Anything else?"}]
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.yaml"
    path.write_text(SCRIPT)
    return path


async def test_a_script_is_played_step_by_step(script):
    brain, conversation = ScriptedBrain(script), Conversation()
    conversation.items.append(UserSaid("Weather in Paris?"))
    call = CallTool("get_weather", {"city": "Weather in Paris?", "days": 2}, double_encoded=True)
    assert await brain.act(conversation) == [Say("One moment."), call]
    result = ToolReturned("1", "get_weather", '{"status": "ok", "say": "Sunny."}')
    conversation.items += [ToolCalled("1", "get_weather", {}), result]
    assert await brain.act(conversation) == [Say("Sunny. Anything else?")]


async def test_an_unmatched_turn_names_step_and_words(script):
    brain = ScriptedBrain(script)
    with pytest.raises(ScenarioFailed, match=r"script\.yaml: step 1: expected said: .*weather.*caller said 'Hello\.'"):
        await brain.act(Conversation(items=[UserSaid("Hello.")]))


async def test_a_script_that_has_ended_says_so():
    brain = ScriptedBrain([])
    with pytest.raises(ScenarioFailed, match="no step left"):
        await brain.act(Conversation(items=[UserSaid("Hello.")]))


async def test_a_step_supplies_the_callers_words_until_it_has_been_played():
    steps = [
        {"hear": "Hello there.", "expect": {"said": "Hello"}, "emit": []},
        {"expect": {"said": "."}, "emit": []},
    ]
    brain, conversation = ScriptedBrain(steps), Conversation(items=[UserSaid("Hello there.")])
    assert (brain.next_words(), brain.next_words()) == ("Hello there.", "Hello there.")
    await brain.act(conversation)
    assert brain.next_words() is None
    conversation.items.append(UserSaid("Good-bye."))
    await brain.act(conversation)
    assert brain.next_words() is None


async def test_brains_of_one_script_keep_their_own_places(script):
    make = make_brain("scripted", script=script)
    first, second = make(), make()
    conversation = Conversation(items=[UserSaid("Weather?")])
    assert await first.act(conversation) == await second.act(conversation) != []


@pytest.mark.parametrize(
    ("step", "finding"),
    [
        ({"expect": {}, "emit": []}, "step 1: expect: .*exactly one of 'said' and 'tool_result'"),
        ({"expect": {"said": "("}, "emit": []}, r"step 1: expect\.said: "),
        ({"expect": {"said": "x"}, "emit": [{"say": 3}]}, r"step 1: emit\[0\]\.say: "),
        ({"expect": {"said": "x"}, "emit": [{"say": "a", "call": "b"}]}, r"step 1: emit\[0\]: .*exactly one"),
        ({"expect": {"said": "x"}, "emits": []}, "step 1: emits: "),
        ({"hear": "", "expect": {"said": "x"}, "emit": []}, "step 1: hear: "),
        ({"hear": "y", "expect": {"said": "x"}, "emit": []}, "step 1: .*'said' must match them"),
        ({"hear": "y", "expect": {"tool_result": "y"}, "emit": []}, "step 1: .*'said' must match them"),
    ],
)
def test_a_wrong_step_is_reported_with_its_place(step, finding):
    with pytest.raises(ContentInvalid, match=finding):
        ScriptedBrain([step])


def test_a_file_that_is_no_yaml_is_reported_with_its_name(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("- [")
    with pytest.raises(ContentInvalid, match=r"broken\.yaml: cannot be read as YAML"):
        ScriptedBrain(path)
