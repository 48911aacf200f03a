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
    form = body.get("audioOutputConfiguration")
    given = dict(form) if isinstance(form, Mapping) else {}
    output = {**_AUDIO_FORM, "sampleRateHertz": 24000, "voiceId": "tiffany", **given}
    return {**body, "audioOutputConfiguration": output, "toolConfiguration": _tools(body.get("toolConfiguration"))}


def _tools(configuration: Any) -> dict[str, Any]:
    if not isinstance(configuration, Mapping):
        return {}
    tools = configuration.get("tools")
    return {**configuration, "tools": [_tool(tool) for tool in tools] if isinstance(tools, list) else []}


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
    if kind == "AUDIO":
        form = body.get("audioInputConfiguration")
        given = dict(form) if isinstance(form, Mapping) else {}
        whole["audioInputConfiguration"] = {**_AUDIO_FORM, "sampleRateHertz": 16000, **given}
    if kind == "TOOL":
        whole["role"] = "TOOL"
    return whole
