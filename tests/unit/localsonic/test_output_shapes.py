"""Every output event against the keys that recorded sessions show, and blocks one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.localsonic.brain.port import CallTool, Say

Drive = Callable[..., Any]
COMMON = {"completionId", "promptName", "sessionId"}
CONTENT = COMMON | {"contentId"}
SHAPES = {
    "completionStart": COMMON,
    "completionEnd": COMMON | {"stopReason"},
    "userSpeechStart": {"promptName", "sessionId", "inputAudioOffsetMs"},
    "userSpeechEnd": {"promptName", "sessionId", "inputAudioOffsetMs", "inputAudioDetectionOffsetMs"},
    "usageEvent": COMMON | {"details", "totalInputTokens", "totalOutputTokens", "totalTokens"},
    "contentEnd": CONTENT | {"stopReason", "type"},
    "textOutput": CONTENT | {"content", "role"},
    "audioOutput": CONTENT | {"content", "role"},
    "toolUse": CONTENT | {"content", "toolName", "toolUseId"},
}
STARTS = {
    "TEXT": CONTENT | {"additionalModelFields", "role", "textOutputConfiguration", "type"},
    "AUDIO": CONTENT | {"audioOutputConfiguration", "role", "type"},
    "TOOL": CONTENT | {"role", "toolUseOutputConfiguration", "type"},
}

STOP_REASONS = {
    "TEXT USER FINAL": {"PARTIAL_TURN"},
    "TEXT ASSISTANT SPECULATIVE": {"PARTIAL_TURN"},
    "TEXT ASSISTANT FINAL": {"END_TURN", "INTERRUPTED"},
    "AUDIO ASSISTANT": {"PARTIAL_TURN", "END_TURN"},
    "TOOL TOOL": {"TOOL_USE"},
}


@pytest.fixture
async def events(drive: Drive) -> list[tuple[str, dict[str, Any]]]:
    """A session with a tool call, an interrupted answer, and its end."""
    answers = ([Say("Let me see."), CallTool("look_up", {"a": 1})], [Say("A long answer to be interrupted.")], [])
    prompt = drive(*answers, heard=["Weather?", "Stop."], model_id="amazon.nova-2-sonic-v1:0")
    await prompt.say()
    await prompt.clock.advance(5)
    await prompt.answer_tool(0)
    await prompt.clock.advance(0.5)
    await prompt.say()
    prompt.prompt.end()
    found: list[tuple[str, dict[str, Any]]] = prompt.outlet.events
    return found


async def test_every_event_has_the_recorded_shape(events: list[tuple[str, dict[str, Any]]]) -> None:
    assert {name for name, _ in events} == set(SHAPES) | {"contentStart"}
    for name, body in events:
        assert set(body) == (STARTS[body["type"]] if name == "contentStart" else SHAPES[name]), name
        assert body["promptName"] == "prompt"


async def test_blocks_are_sequential_with_one_text_each(events: list[tuple[str, dict[str, Any]]]) -> None:
    opened, texts = "", 0
    for name, body in events:
        if name == "contentStart":
            assert not opened
            opened, texts = body["contentId"], 0
        elif name in ("textOutput", "audioOutput", "toolUse", "contentEnd"):
            assert body["contentId"] == opened
            texts += name == "textOutput"
        if name == "contentEnd":
            assert texts == (body["type"] == "TEXT")
            opened = ""
    assert not opened


async def test_every_kind_of_block_has_its_stop_reasons(events: list[tuple[str, dict[str, Any]]]) -> None:
    kinds: dict[str, str] = {}
    found: dict[str, set[str]] = {}
    for name, body in events:
        if name == "contentStart":
            stage = json.loads(body.get("additionalModelFields", "{}")).get("generationStage", "")
            kinds[body["contentId"]] = f"{body['type']} {body['role']} {stage}".rstrip()
        if name == "contentEnd":
            found.setdefault(kinds[body["contentId"]], set()).add(body["stopReason"])
    assert found == STOP_REASONS


async def test_all_turns_share_one_completion(events: list[tuple[str, dict[str, Any]]]) -> None:
    assert len({body["completionId"] for _, body in events if "completionId" in body}) == 1
