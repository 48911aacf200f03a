from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from nova_agent.localsonic.inputs import (
    AudioOpened,
    AudioReceived,
    InputEvent,
    PromptStarted,
    SessionStarted,
    TextOpened,
)
from nova_agent.localsonic.models import NOVA_2, NOVA_2_5, VERSION_1, Model
from nova_agent.localsonic.reading import EventReader
from nova_agent.localsonic.rejections import INVALID_INPUT, TOOL_RESULT_MEDIA_TYPE, UNPARSEABLE, StreamRejected

AUDIO = {"mediaType": "audio/lpcm", "sampleRateHertz": 24000, "sampleSizeBits": 16, "channelCount": 1}


def event(name: str, body: Any) -> bytes:
    return json.dumps({"event": {name: body}}, indent=2).encode()


def prompt(**changes: Any) -> bytes:
    output = {**AUDIO, "voiceId": "tiffany", "encoding": "base64", **changes.pop("audio", {})}
    return event("promptStart", {"promptName": "p", "audioOutputConfiguration": output, **changes})


def tool(**changes: Any) -> dict[str, Any]:
    spec = {"name": "look_up", "description": "Look up.", "inputSchema": {"json": '{"type": "object"}'}, **changes}
    return {"toolConfiguration": {"tools": [{"toolSpec": spec}], "toolChoice": {"auto": {}}}}


def opened(kind: str, **body: Any) -> bytes:
    return event("contentStart", {"promptName": "p", "contentName": "c", "type": kind, **body})


def parse_input(raw: bytes, model: Model = NOVA_2) -> InputEvent | None:
    return EventReader(model=model).read(raw)


def rejection(raw: bytes, model: Model = NOVA_2) -> str:
    with pytest.raises(StreamRejected) as caught:
        parse_input(raw, model)
    assert caught.value.exception == "validationException"
    return caught.value.message


def test_the_sensitivity_is_read_from_its_nested_place() -> None:
    nested = parse_input(event("sessionStart", {"turnDetectionConfiguration": {"endpointingSensitivity": "LOW"}}))
    flat = parse_input(event("sessionStart", {"endpointingSensitivity": "LOW"}))
    assert isinstance(nested, SessionStarted)
    assert isinstance(flat, SessionStarted)
    assert (nested.sensitivity, flat.sensitivity) == ("LOW", "MEDIUM")


def test_a_prompt_carries_voice_rate_and_tools() -> None:
    started = parse_input(prompt(**tool()))
    assert isinstance(started, PromptStarted)
    assert (started.voice_id, started.output_rate_hz) == ("tiffany", 24000)
    assert started.tools[0].schema_object == {"type": "object"}
    assert started.tool_choice == {"auto": {}}


@pytest.mark.parametrize("changes", [{}, {"toolConfiguration": {"tools": []}}, {"somethingNew": 1}])
def test_a_prompt_needs_no_tools(changes: dict[str, Any]) -> None:
    started = parse_input(prompt(**changes))
    assert isinstance(started, PromptStarted)
    assert started.tools == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"event": []}',
        b'{"event": {}}',
        b'{"event": {"sessionStart": {}, "sessionEnd": {}}}',
        b"\xff\xfe",
        event("unknownEvent", {}),
        event("sessionStart", {"inferenceConfiguration": {"topP": 1.5}}),
        event("sessionStart", {"inferenceConfiguration": {"maxTokens": "1024"}}),
        event("sessionStart", {"turnDetectionConfiguration": {"endpointingSensitivity": "high"}}),
        event("promptStart", {"promptName": "p"}),
        prompt(audio={"sampleRateHertz": 44100}),
        prompt(**tool(inputSchema={"json": {"type": "object"}})),
        prompt(**tool(inputSchema={"json": "[]"})),
        prompt(**tool(inputSchema={"json": "{"})),
        prompt(**tool(name="look up")),
        prompt(audio={"audioType": "MUSIC"}),
        prompt(toolConfiguration={"tools": [], "toolChoice": {}}),
        prompt(toolConfiguration={"tools": [], "toolChoice": {"auto": {}, "any": {}}}),
        prompt(toolConfiguration={"tools": [], "toolChoice": {"none": {}}}),
        prompt(toolConfiguration={"tools": [], "toolChoice": {"tool": {}}}),
        opened("TEXT", role="USER", textInputConfiguration={"mediaType": "text/html"}),
        opened("AUDIO", role="USER", audioInputConfiguration={**AUDIO, "audioType": "MUSIC"}),
        event("contentStart", {"promptName": "p", "contentName": "c", "type": "TEXT"}),
        event("contentStart", {"promptName": "p", "contentName": "c", "type": "VIDEO", "role": "USER"}),
        event("textInput", {"promptName": "p", "content": "hello"}),
    ],
)
def test_malformed_events_are_unparseable(raw: bytes) -> None:
    assert rejection(raw) == UNPARSEABLE


def test_audio_and_text_may_leave_out_their_types() -> None:
    assert isinstance(parse_input(opened("TEXT", role="USER")), TextOpened)
    assert isinstance(parse_input(opened("AUDIO", role="USER", audioInputConfiguration=AUDIO)), AudioOpened)


@pytest.mark.parametrize("voice_id", ["Carlos", "nobody", ""])
def test_voices_are_known_and_lower_case(voice_id: str) -> None:
    assert rejection(prompt(audio={"voiceId": voice_id})) == f"Received invalid id: '{voice_id}'"


@pytest.mark.parametrize(
    ("voice_id", "strangers"), [("greta", {NOVA_2, NOVA_2_5}), ("kiara", {VERSION_1}), ("carlos", set())]
)
def test_a_voice_belongs_to_its_models(voice_id: str, strangers: set[Model]) -> None:
    for model in (VERSION_1, NOVA_2, NOVA_2_5):
        if model in strangers:
            assert rejection(prompt(audio={"voiceId": voice_id}), model) == f"Received invalid id: '{voice_id}'"
        else:
            assert isinstance(parse_input(prompt(audio={"voiceId": voice_id}), model), PromptStarted)


def test_names_of_contents_are_bounded() -> None:
    body = {"promptName": "p", "type": "TEXT", "role": "USER"}
    assert isinstance(parse_input(event("contentStart", {**body, "contentName": "c" * 1_024})), TextOpened)
    assert rejection(event("contentStart", {**body, "contentName": "c" * 1_025})) == UNPARSEABLE


def test_version_1_knows_no_speech_style() -> None:
    raw = opened("TEXT", role="SYSTEM_SPEECH")
    assert rejection(raw, VERSION_1) == UNPARSEABLE
    assert isinstance(parse_input(raw, NOVA_2), TextOpened)


def test_a_chosen_tool_is_declared_and_no_name_comes_twice() -> None:
    spec = tool()["toolConfiguration"]["tools"][0]
    chosen = {"tools": [spec], "toolChoice": {"tool": {"name": "look_up"}}}
    assert isinstance(parse_input(prompt(toolConfiguration=chosen)), PromptStarted)
    assert rejection(prompt(toolConfiguration=chosen | {"toolChoice": {"tool": {"name": "x"}}})) == INVALID_INPUT
    assert rejection(prompt(toolConfiguration={"tools": [spec, spec]})) == INVALID_INPUT


def test_tool_results_are_plain_text() -> None:
    form = {"toolUseId": "t", "type": "TEXT", "textInputConfiguration": {"mediaType": "application/json"}}
    body = {"promptName": "p", "contentName": "c", "type": "TOOL", "role": "TOOL", "toolResultInputConfiguration": form}
    assert rejection(event("contentStart", body)) == TOOL_RESULT_MEDIA_TYPE


@pytest.mark.parametrize("content", ["%%%", base64.b64encode(b"odd").decode()])
def test_audio_is_base64_of_whole_samples(content: str) -> None:
    received = parse_input(event("audioInput", {"promptName": "p", "contentName": "c", "content": content}))
    assert isinstance(received, AudioReceived)
    with pytest.raises(StreamRejected):
        _ = received.pcm
