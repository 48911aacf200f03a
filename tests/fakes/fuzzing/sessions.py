"""Whole sessions as well-behaved clients send them: what mutations start from. An event is its name and its body."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

Event = tuple[str, dict[str, Any]]

FORM: Final = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1, "encoding": "base64"}
_TEXT: Final = {"mediaType": "text/plain"}
# Four windows of 32 ms, and two: enough for speech to be noticed, and to be forgotten.
_LOUD: Final = base64.b64encode((np.ones(2048) * 16000).astype("<i2").tobytes()).decode()
_QUIET: Final = base64.b64encode(bytes(8192)).decode()


def _opened(rate_hz: int = 24000, voice: str = "amy", tools: Sequence[str] = (), prompt: str = "p") -> list[Event]:
    specs = [
        {"toolSpec": {"name": name, "description": f"Does {name}.", "inputSchema": {"json": json.dumps(_SCHEMA)}}}
        for name in tools
    ]
    output = {**FORM, "sampleRateHertz": rate_hz, "voiceId": voice, "audioType": "SPEECH"}
    return [
        (
            "promptStart",
            {
                "promptName": prompt,
                "textOutputConfiguration": _TEXT,
                "audioOutputConfiguration": output,
                "toolUseOutputConfiguration": {"mediaType": "application/json"},
                "toolConfiguration": {"tools": specs, "toolChoice": {"auto": {}}},
            },
        ),
        *_text("s", "SYSTEM", "You are helpful.", prompt=prompt),
    ]


_SCHEMA: Final = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def _start(sensitivity: str = "MEDIUM") -> Event:
    inference = {"maxTokens": 1024, "topP": 0.9, "temperature": 0.7}
    turns = {"endpointingSensitivity": sensitivity}
    return "sessionStart", {"inferenceConfiguration": inference, "turnDetectionConfiguration": turns}


def _text(name: str, role: str, words: str, *, interactive: bool = False, prompt: str = "p") -> list[Event]:
    where = {"promptName": prompt, "contentName": name}
    form = {"type": "TEXT", "role": role, "interactive": interactive, "textInputConfiguration": _TEXT}
    return [("contentStart", {**where, **form}), ("textInput", {**where, "content": words}), ("contentEnd", where)]


def _audio(name: str = "a", rate_hz: int = 16000, prompt: str = "p") -> Event:
    form = {**FORM, "sampleRateHertz": rate_hz, "audioType": "SPEECH"}
    kind = {"type": "AUDIO", "role": "USER", "interactive": True, "audioInputConfiguration": form}
    return "contentStart", {"promptName": prompt, "contentName": name, **kind}


def _heard(*contents: str, name: str = "a", prompt: str = "p") -> list[Event]:
    where = {"promptName": prompt, "contentName": name}
    return [("audioInput", {**where, "content": content}) for content in contents]


def _result(name: str, tool_use_id: str, content: str) -> list[Event]:
    where = {"promptName": "p", "contentName": name}
    form = {"toolUseId": tool_use_id, "type": "TEXT", "textInputConfiguration": _TEXT}
    return [
        ("contentStart", {**where, "type": "TOOL", "role": "TOOL", "toolResultInputConfiguration": form}),
        ("toolResult", {**where, "content": content}),
        ("contentEnd", where),
    ]


def _closed(name: str = "a", prompt: str = "p") -> list[Event]:
    return [("contentEnd", {"promptName": prompt, "contentName": name}), ("promptEnd", {"promptName": prompt})]


_END: Final[Event] = ("sessionEnd", {})
_SAID: Final = (_LOUD, _LOUD, _LOUD, _QUIET, _QUIET, _QUIET)

CALL_ID: Final = "%call-1%"
"""Stands where the id of the stream's last tool call goes."""

SESSIONS: Final[tuple[tuple[Event, ...], ...]] = (
    # Speech, an answer, speech over it.
    (_start(), *_opened(), _audio(), *_heard(*_SAID, *_SAID), *_closed(), _END),
    # A history, typed text, and another rate both ways.
    (
        _start("HIGH"),
        *_opened(16000, "tiffany"),
        *_text("h1", "USER", "Hello."),
        *_text("h2", "ASSISTANT", "Good day."),
        _audio("mic", 8000),
        *_heard(_QUIET, name="mic"),
        *_text("t", "USER", "What is the weather?", interactive=True),
        *_heard(_QUIET, name="mic"),
        *_closed("mic"),
        _END,
    ),
    # A tool call and its result.
    (
        _start("LOW"),
        *_opened(tools=("get_weather", "book")),
        _audio(),
        *_heard(_QUIET),
        *_text("t", "USER", "The weather in Paris?", interactive=True),
        *_heard(_QUIET),
        *_result("r", CALL_ID, '{"sky": "blue", "say": "Blue."}'),
        *_heard(_QUIET),
        *_closed(),
        _END,
    ),
    # Two prompts, audio that is closed and opened again, and an end that leaves it open, as pipecat's does.
    (
        _start(),
        *_opened(8000, "matthew"),
        _audio(),
        *_heard(_LOUD, _QUIET),
        ("contentEnd", {"promptName": "p", "contentName": "a"}),
        _audio("b"),
        *_heard(_QUIET, name="b"),
        *_closed("b"),
        *_opened(prompt="q"),
        _audio("c", 24000, prompt="q"),
        *_heard(*_SAID, name="c", prompt="q"),
        ("promptEnd", {"promptName": "q"}),
        _END,
    ),
)


def as_json(event: Event) -> bytes:
    """Return the event as its client writes it."""
    name, body = event
    return json.dumps({"event": {name: body}}).encode()
