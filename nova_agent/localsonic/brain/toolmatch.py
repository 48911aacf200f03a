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
    properties, required = tool.schema.get("properties"), tool.schema.get("required")
    schemas = properties if isinstance(properties, Mapping) else {}
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    return {**{name: _value(schemas.get(name), words) for name in names if name not in known}, **known}


def _value(schema: object, words: str) -> Any:
    """A plausible value of a parameter that the words must fill."""
    fields = schema if isinstance(schema, Mapping) else {}
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


def _parameter_stems(tool: ToolSpec) -> frozenset[str]:
    properties = tool.schema.get("properties")
    found: list[str] = []
    for name, schema in properties.items() if isinstance(properties, Mapping) else ():
        fields = schema if isinstance(schema, Mapping) else {}
        choices = fields.get("enum")
        found += [str(name).replace("_", " "), str(fields.get("description", ""))]
        found += [str(choice) for choice in choices] if isinstance(choices, list) else []
    return content_stems(" ".join(found))
