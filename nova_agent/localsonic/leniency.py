"""What a lenient stream makes of an event that lacks a field or has one of the wrong shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

_ROLES: Final = {"TEXT": "USER", "AUDIO": "USER", "TOOL": "TOOL"}
_AUDIO_FORM: Final = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1}


def mended(name: str, body: Any) -> Any:
    """Return the body of a wrong event with what can be guessed; the rest is left as it is."""
    if not isinstance(body, Mapping):
        return {} if name in ("sessionStart", "sessionEnd") else body
    match name:
        case "sessionStart":
            return {}
        case "promptStart":
            return _prompt(body)
        case "contentStart":
            return _content(body)
        case _:
            return body


def _prompt(body: Mapping[str, Any]) -> dict[str, Any]:
    output = {"voiceId": "tiffany", **_audio_form(body.get("audioOutputConfiguration"), rate_hz=24000)}
    return {**body, "audioOutputConfiguration": output, "toolConfiguration": _tools(body.get("toolConfiguration"))}


def _tools(configuration: Any) -> dict[str, Any]:
    if not isinstance(configuration, Mapping):
        return {}
    tools, choice = configuration.get("tools"), configuration.get("toolChoice")
    whole = {**configuration, "tools": [_tool(tool) for tool in tools] if isinstance(tools, list) else []}
    return whole if _is_choice(choice) else {**whole, "toolChoice": None}


def _is_choice(choice: Any) -> bool:
    if not isinstance(choice, Mapping) or len(choice) != 1:
        return False
    ((kind, wanted),) = choice.items()
    return isinstance(wanted, Mapping) and (kind != "tool" or isinstance(wanted.get("name"), str))


def _tool(tool: Any) -> Any:
    """A schema given as an object, as most other APIs have it, becomes the string that belongs here."""
    try:
        spec, schema = tool["toolSpec"], tool["toolSpec"]["inputSchema"]["json"]
    except (KeyError, TypeError):
        return tool
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return {**tool, "toolSpec": {**spec, "inputSchema": {"json": text}}}


def _content(body: Mapping[str, Any]) -> dict[str, Any]:
    kind = body.get("type")
    whole = {"role": _ROLES.get(kind) if isinstance(kind, str) else None, **body}
    if kind == "TEXT":
        whole["textInputConfiguration"] = {}
    if kind == "AUDIO":
        whole["audioInputConfiguration"] = _audio_form(body.get("audioInputConfiguration"), rate_hz=16000)
    if kind == "TOOL":
        whole["role"] = "TOOL"
    return whole


def _audio_form(form: Any, *, rate_hz: int) -> dict[str, Any]:
    given = dict(form) if isinstance(form, Mapping) else {}
    return {**_AUDIO_FORM, "sampleRateHertz": rate_hz, **given, "audioType": "SPEECH"}
