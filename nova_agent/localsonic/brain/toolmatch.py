"""Matches a caller's words with declared tools, for clients that give no directives, and fills in arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rapidfuzz import fuzz

from nova_agent.localsonic.brain.port import ToolSpec
from nova_agent.localsonic.brain.words import Utterance, content_stems

NAME_WEIGHT: Final = 3
MATCH_SCORE: Final = 3
"""One word of a tool's name, or three of its description or parameters."""

_COMMON: Final = content_stems(
    "tool use call caller user value string get set given return returns result name text words information data "
    "answer record find make please tell know what like"
)


def best_tool(utterance: Utterance, tools: Sequence[ToolSpec]) -> ToolSpec | None:
    """The tool whose name, description and parameters overlap most with the words, if they do so at all."""
    scored = [(_score(utterance, tool), -index, tool) for index, tool in enumerate(tools)]
    score, _, tool = max(scored, key=lambda entry: entry[:2], default=(0, 0, None))
    return tool if score >= MATCH_SCORE else None


def requested_tool(utterance: Utterance, tools: Sequence[ToolSpec]) -> ToolSpec | None:
    """The tool asked for by at least two words of its name ("add a task" for ``add_task``)."""
    named = [tool for tool in tools if len(_name_stems(tool) & utterance.content_stems) >= 2]
    return max(named, key=lambda tool: len(_name_stems(tool) & utterance.content_stems), default=None)


def complete(tool: ToolSpec | None, known: Mapping[str, Any], words: str) -> dict[str, Any]:
    """``known`` plus every required parameter that is missing: enums by best match, strings by the words.

    Without a specification ``known`` is passed on unchanged.
    """
    if tool is None:
        return dict(known)
    required = tool.schema.get("required")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    return {**{name: _value(_parameters(tool).get(name, {}), words) for name in names if name not in known}, **known}


def _value(fields: Mapping[str, Any], words: str) -> Any:
    """A plausible value of a parameter that the words must fill."""
    choices = fields.get("enum")
    if isinstance(choices, list) and choices:
        return max(choices, key=lambda choice: fuzz.partial_ratio(str(choice).lower(), words.lower()))
    match fields.get("type"):
        case "integer" | "number":
            digits = re.search(r"-?\d{1,15}", words)
            return int(digits.group()) if digits else fields.get("minimum", 0)
        case "boolean":
            return True
        case "array":
            return []
        case "object":
            return {}
        case _:
            return words


def _score(utterance: Utterance, tool: ToolSpec) -> int:
    heard = utterance.content_stems - _COMMON
    name = _name_stems(tool) - _COMMON
    rest = (content_stems(tool.description) | _parameter_stems(tool)) - _COMMON - name
    return NAME_WEIGHT * len(heard & name) + len(heard & rest)


def _name_stems(tool: ToolSpec) -> frozenset[str]:
    return content_stems(re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", tool.name))


def choice_stems(tool: ToolSpec) -> frozenset[str]:
    """The words of every enum among the tool's parameters."""
    choices = [fields.get("enum") for fields in _parameters(tool).values()]
    named = [str(choice).replace("_", " ") for values in choices if isinstance(values, list) for choice in values]
    return content_stems(" ".join(named))


def _parameter_stems(tool: ToolSpec) -> frozenset[str]:
    described = [
        f"{name.replace('_', ' ')} {fields.get('description', '')}" for name, fields in _parameters(tool).items()
    ]
    return content_stems(" ".join(described)) | choice_stems(tool)


def _parameters(tool: ToolSpec) -> dict[str, Mapping[str, Any]]:
    """Parameter schemas by name; what is no object counts as empty."""
    properties = tool.schema.get("properties")
    found = properties.items() if isinstance(properties, Mapping) else ()
    return {str(name): schema if isinstance(schema, Mapping) else {} for name, schema in found}
