"""Whatever is said, typed or returned: no exception, and speech or a call with all its parameters as strings."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nova_agent.localsonic.brain import AgentSaid, CallTool, DifficultBrain, RulesBrain, Say, UserSaid
from nova_agent.localsonic.brain.lexicon import lexicons

SCHEMAS = [
    {"type": "boolean"},
    {"type": "integer"},
    {"type": "string", "enum": ["red", "", "light blue"], "x-aliases": {"red": ["crimson"]}},
    {"type": "array", "items": {"enum": ["a", "b"]}},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "phone"},
    {"type": "string", "format": "email"},
    {"type": "string"},
    {"type": ["string", "null"], "format": 3, "enum": "x", "x-aliases": []},
    {},
]
PHRASES = [
    phrase.text for lexicon in lexicons().values() for phrase in (*lexicon.alone, *lexicon.lead, *lexicon.anywhere)
]
WORDS = st.text() | st.lists(st.sampled_from([*PHRASES, "eight", "yes", ",", "?", "but"]), max_size=5).map(" ".join)
RELAXED = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _check(actions, conversation):
    declared = {tool.name: tool for tool in conversation.tools}
    for action in actions:
        if isinstance(action, Say):
            assert action.text.strip()
            continue
        assert isinstance(action, CallTool)
        assert set(declared[action.name].schema["required"]) <= set(action.arguments)
        assert all(isinstance(value, str) for value in action.arguments.values())


@given(words=WORDS, schema=st.sampled_from(SCHEMAS), typed=st.booleans())
@RELAXED
def test_any_words_give_speech_or_a_valid_call(words, schema, typed, stream, directive):
    talk = stream(directive("Please choose.", schema=schema))
    talk.opened()
    actions = asyncio.run(RulesBrain().act(talk.add(UserSaid(words, typed=typed))))
    assert len(actions) == 1
    _check(actions, talk.conversation)


@given(content=st.text() | st.dictionaries(st.text(), st.text()).map(str), words=WORDS)
@RELAXED
def test_any_result_gives_speech_or_a_valid_call(content, words, stream, directive):
    talk = stream(directive("Please choose."))
    talk.opened()
    actions = asyncio.run(RulesBrain().act(talk.ran("record_answer", content, meanwhile=words)))
    assert actions
    _check(actions, talk.conversation)


@given(words=st.lists(WORDS, min_size=1, max_size=4), seed=st.integers(0, 1000), schema=st.sampled_from(SCHEMAS))
@RELAXED
def test_the_difficult_brain_breaks_no_schema(words, seed, schema, stream, directive):
    talk, brain = stream(directive("Please choose.", schema=schema)), DifficultBrain(seed)
    _check(asyncio.run(brain.act(talk.begin())), talk.conversation)
    for number, text in enumerate(words):
        talk.add(AgentSaid("(spoken)"))
        _check(asyncio.run(brain.act(talk.said(text))), talk.conversation)
        talk.ran("record_answer", directive("Next.", ask=f"q{number}", schema=schema))
        _check(asyncio.run(brain.act(talk.conversation)), talk.conversation)
