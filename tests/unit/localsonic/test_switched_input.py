"""Switches that decide what may come in: both sides of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nova_agent.localsonic import rejections
from nova_agent.localsonic.facts import AudioStarted, AudioStopped, ToolResultGiven
from nova_agent.localsonic.rejections import StreamRejected
from tests.fakes.sonic_session import FORM, PROMPT, Session


def refusal(session: Session, act: Any) -> str:
    with pytest.raises(StreamRejected) as caught:
        act(session)
    return caught.value.message


def with_schema(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    spec = {"toolSpec": {"name": "look_up", "inputSchema": {"json": json.dumps(schema)}}}
    return {**PROMPT, "toolConfiguration": {"tools": [spec], **more}}


@pytest.mark.parametrize(("limits", "size", "taken"), [("raised", 2000, True), ("original", 2000, False)])
def test_history_limits_may_be_the_original_ones(limits: str, size: int, taken: bool) -> None:
    session = Session(history_limits=limits).prompt().text("SYSTEM", "s")
    if taken:
        assert session.text("USER", "x" * size).facts
    else:
        assert refusal(session, lambda s: s.text("USER", "x" * size)) == rejections.HISTORY_TOO_LONG


def test_the_original_limits_know_40_messages() -> None:
    session = Session(history_limits="original").prompt().text("SYSTEM", "s")
    for _ in range(20):
        session.text("USER", "x").text("ASSISTANT", "y")
    assert refusal(session, lambda s: s.text("USER", "x")) == rejections.HISTORY_TOO_LONG


def test_all_history_together_has_a_limit() -> None:
    session = Session().prompt().text("SYSTEM", "s")
    for _ in range(2):
        session.text("USER", "x" * 50_000).text("ASSISTANT", "y" * 50_000)
    assert refusal(session, lambda s: s.text("USER", "x" * 5_000)) == rejections.HISTORY_TOO_LONG


def test_a_second_audio_content_may_take_the_place_of_the_first() -> None:
    session = Session(second_audio_content="replace").ready()
    session.start("b", "AUDIO", "USER", audioInputConfiguration=FORM | {"sampleRateHertz": 8000})
    assert session.facts[-2:] == [AudioStopped(), AudioStarted(8000)]


def test_late_audio_may_be_dropped_in_the_strict_profile() -> None:
    session = Session(late_audio="drop").ready().hear().end("a")
    assert session.data("a", "AAA=", "audioInput").facts[-1] == AudioStopped()


def test_late_audio_may_be_refused_in_the_lenient_profile() -> None:
    session = Session("lenient", late_audio="reject").ready().hear().end("a")
    assert "No open content" in refusal(session, lambda s: s.data("a", "AAA=", "audioInput"))


def test_an_audio_content_left_open_may_be_refused_at_the_end() -> None:
    session = Session(open_audio_at_prompt_end="reject").ready()
    assert refusal(session, lambda s: s.send("promptEnd", promptName="p")) == rejections.CONTENTS_STILL_OPEN


def test_a_tool_result_may_be_any_json() -> None:
    session = Session(tool_result_json="any").ready().tool("[1]")
    assert session.facts[-1] == ToolResultGiven("id", '{"result": [1]}')
    assert refusal(session, lambda s: s.tool("bare words")) == rejections.TOOL_RESULT_UNPARSEABLE


def test_a_tool_choice_may_be_refused() -> None:
    body = with_schema({"type": "object"}, toolChoice={"auto": {}})
    assert Session().send("sessionStart").send("promptStart", **body).facts
    session = Session(tool_choice="reject").send("sessionStart")
    assert refusal(session, lambda s: s.send("promptStart", **body)) == rejections.UNPARSEABLE


def test_doubtful_schema_keywords_may_be_refused_at_any_depth() -> None:
    body = with_schema({"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}]}}})
    assert Session().send("sessionStart").send("promptStart", **body).facts
    session = Session(schema_keywords="reject").send("sessionStart")
    assert refusal(session, lambda s: s.send("promptStart", **body)) == rejections.INVALID_INPUT
