from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from nova_agent.localsonic.inputs import AudioReceived, InputEvent, PromptStarted, SessionStarted
from nova_agent.localsonic.reading import EventReader
from nova_agent.localsonic.rejections import TOOL_RESULT_MEDIA_TYPE, UNPARSEABLE, StreamRejected

AUDIO = {"mediaType": "audio/lpcm", "sampleRateHertz": 24000, "sampleSizeBits": 16, "channelCount": 1}


def event(name: str, body: Any) -> bytes:
    return json.dumps({"event": {name: body}}, indent=2).encode()


def prompt(**changes: Any) -> bytes:
    output = {**AUDIO, "voiceId": "tiffany", "encoding": "base64", **changes.pop("audio", {})}
    return event("promptStart", {"promptName": "p", "audioOutputConfiguration": output, **changes})


def tool(**changes: Any) -> dict[str, Any]:
    spec = {"name": "look_up", "description": "Look up.", "inputSchema": {"json": '{"type": "object"}'}, **changes}
    return {"toolConfiguration": {"tools": [{"toolSpec": spec}], "toolChoice": {"auto": {}}}}


def parse_input(raw: bytes) -> InputEvent | None:
    return EventReader().read(raw)


def rejection(raw: bytes) -> str:
    with pytest.raises(StreamRejected) as caught:
        parse_input(raw)
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
        event("contentStart", {"promptName": "p", "contentName": "c", "type": "TEXT"}),
        event("contentStart", {"promptName": "p", "contentName": "c", "type": "VIDEO", "role": "USER"}),
        event("textInput", {"promptName": "p", "content": "hello"}),
    ],
)
def test_malformed_events_are_unparseable(raw: bytes) -> None:
    assert rejection(raw) == UNPARSEABLE


def test_voices_are_lower_case() -> None:
    assert rejection(prompt(audio={"voiceId": "Carlos"})) == "Received invalid id: 'Carlos'"


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
