"""Reads directives: the JSON objects by which a client tells the model what to say and what may come next.

The shape is the client's published ToolReply schema, read tolerantly: a field that is missing or of the wrong
type is left out, and what cannot be a directive at all is ``None``. Directives are looked for in SYSTEM text and
in tool results, nowhere else: what a caller says or types is never obeyed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

OPEN_TAG: Final = "<directive>"
STATUSES: Final = frozenset({"ok", "invalid", "confirm", "done", "error"})
OPEN_TEXT: Final[Mapping[str, Any]] = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Also:
    """Something else the caller may want; ``argument``, if any, takes the caller's words."""

    intent: str
    tool: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    argument: str | None = None

    def filled(self, words: str) -> dict[str, str]:
        """The tool's arguments for a caller who said ``words``."""
        return {**self.arguments, **({self.argument: words} if self.argument else {})}


@dataclass(frozen=True, slots=True)
class Expect:
    """What is being asked, and the tool that takes the answer. ``schema`` is a JSON Schema."""

    tool: str
    argument: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    schema: Mapping[str, Any] = field(default_factory=lambda: OPEN_TEXT)
    also: tuple[Also, ...] = ()

    def filled(self, words: str) -> dict[str, str]:
        """The tool's arguments for a caller who answered ``words``."""
        return {**self.arguments, self.argument: words}

    def is_same_as(self, other: Expect | None) -> bool:
        """Whether both are one ask, down to the arguments that name it."""
        return other is not None and (self.tool, self.argument, dict(self.arguments)) == (
            other.tool,
            other.argument,
            dict(other.arguments),
        )

    def asks_like(self, other: Expect | None) -> bool:
        """Whether both take the same kind of value with the same tool; the arguments may name different asks."""
        return other is not None and (self.tool, self.argument, dict(self.schema)) == (
            other.tool,
            other.argument,
            dict(other.schema),
        )


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive. ``say`` is empty only for an ``error`` that brought no words."""

    status: str
    say: str
    expect: Expect | None = None

    def leaves_open(self, before: Directive | None) -> bool:
        """Whether this result of a tool still asks what ``before`` asked.

        Arguments may carry a number that rises with every directive, so an ``invalid`` of the same kind counts too.
        """
        if self.expect is None or before is None or self.status == "error":
            return False
        return self.expect.is_same_as(before.expect) or (
            self.status == "invalid" and self.expect.asks_like(before.expect)
        )

    @property
    def ends_call(self) -> bool:
        """Nothing is left to ask: what follows is goodbye."""
        return self.status == "done" and self.expect is None


def parse_directive(text: str) -> Directive | None:
    """Read a tool result's text; ``None`` if it is no directive.

    A directive wrapped as the only string of an object (``{"result": "{…}"}``, as some frameworks do) counts.
    """
    value = _json_object(text)
    if value is None:
        return None
    direct = _directive(value)
    if direct is not None or len(value) != 1:
        return direct
    inner = next(iter(value.values()))
    wrapped = _json_object(inner) if isinstance(inner, str) else inner
    return _directive(wrapped) if isinstance(wrapped, Mapping) else None


def opening_directive(system: str) -> Directive | None:
    """The last directive that stands in SYSTEM text after a ``<directive>`` tag.

    Prose that merely mentions the tag is passed over: only a JSON object right behind it counts.
    """
    found: Directive | None = None
    decoder = json.JSONDecoder()
    for tail in system.split(OPEN_TAG)[1:]:
        try:
            value, _ = decoder.raw_decode(tail.lstrip())
        except (ValueError, RecursionError):
            continue
        found = (_directive(value) if isinstance(value, Mapping) else None) or found
    return found


def latest(before: Directive | None, results: Iterable[str]) -> Directive | None:
    """The directive that is open after ``results``; an error that asks nothing leaves the earlier one open."""
    current = before
    for text in results:
        directive = parse_directive(text)
        if directive is None or (directive.status == "error" and directive.expect is None):
            continue
        current = directive
    return current


def _directive(value: Mapping[str, Any]) -> Directive | None:
    status, say = value.get("status"), value.get("say")
    if status not in STATUSES or not (isinstance(say, str) or status == "error"):
        return None
    return Directive(status, say.strip() if isinstance(say, str) else "", _expect(value.get("expect")))


def _expect(value: object) -> Expect | None:
    if not isinstance(value, Mapping):
        return None
    tool, argument, schema = value.get("tool"), value.get("argument"), value.get("schema")
    if not _is_name(tool) or not _is_name(argument):
        return None
    also = value.get("also")
    found = [_also(entry) for entry in also] if isinstance(also, list) else []
    return Expect(
        tool=str(tool),
        argument=str(argument),
        arguments=_strings(value.get("arguments")),
        schema=schema if isinstance(schema, Mapping) else OPEN_TEXT,
        also=tuple(entry for entry in found if entry is not None),
    )


def _also(value: object) -> Also | None:
    if not isinstance(value, Mapping) or not _is_name(value.get("intent")) or not _is_name(value.get("tool")):
        return None
    argument = value.get("argument")
    return Also(
        intent=str(value["intent"]),
        tool=str(value["tool"]),
        arguments=_strings(value.get("arguments")),
        argument=str(argument) if _is_name(argument) else None,
    )


def _strings(value: object) -> dict[str, str]:
    """A string map; values of other types become their JSON text, because tools take strings."""
    if not isinstance(value, Mapping):
        return {}
    return {str(key): item if isinstance(item, str) else json.dumps(item) for key, item in value.items()}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _json_object(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping) else None
