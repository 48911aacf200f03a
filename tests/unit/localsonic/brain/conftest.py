"""A survey-like client in a few lines: directives, and conversations as a brain sees them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from nova_agent.localsonic.brain import AgentSaid, Conversation, Item, ToolCalled, ToolReturned, ToolSpec, UserSaid

INTENTS = ("skip", "back", "change", "pause", "repeat", "person", "stop", "switch")
WORDY = {"change": "request", "repeat": "words", "person": "reason", "switch": "request"}
SCALE = {"type": "integer", "minimum": 0, "maximum": 10}


def wire(
    say: str,
    *,
    ask: str = "q1:1",
    schema: Mapping[str, Any] = SCALE,
    status: str = "ok",
    offers: tuple[str, ...] = INTENTS,
) -> str:
    """A directive that asks something, as JSON."""
    also = [
        {"intent": intent, "tool": f"{intent}_tool", "arguments": {"ask": ask}}
        | ({"argument": WORDY[intent]} if intent in WORDY else {})
        for intent in offers
    ]
    expect = {"tool": "record_answer", "arguments": {"ask": ask}, "argument": "answer", "schema": dict(schema)}
    return json.dumps({"status": status, "say": say, "expect": expect | {"also": also}})


def tools() -> tuple[ToolSpec, ...]:
    text = {"type": "string"}
    record = {"type": "object", "properties": {"ask": text, "answer": text}, "required": ["ask", "answer"]}
    others = [
        ToolSpec(
            f"{intent}_tool",
            f"The caller wants to {intent}.",
            {"type": "object", "properties": {"ask": text}, "required": ["ask", *filter(None, [WORDY.get(intent)])]},
        )
        for intent in INTENTS
    ]
    return (ToolSpec("record_answer", "Record the answer.", record), *others)


@dataclass
class Stream:
    """Builds a conversation step by step."""

    opening: str
    declared: tuple[ToolSpec, ...] = field(default_factory=tools)
    conversation: Conversation = field(init=False)

    def __post_init__(self) -> None:
        system = f"Directives stand in <directive> tags.\n<directive>{self.opening}</directive>"
        self.conversation = Conversation(system=system, tools=self.declared)

    def add(self, *items: Item) -> Conversation:
        self.conversation.items.extend(items)
        return self.conversation

    def begin(self) -> Conversation:
        return self.add(UserSaid("The call is connected. Please begin.", typed=True))

    def opened(self) -> Conversation:
        self.begin()
        return self.add(AgentSaid("(the opening)"))

    def said(self, text: str) -> Conversation:
        return self.add(UserSaid(text))

    def ran(self, name: str, content: str, *, meanwhile: str | None = None) -> Conversation:
        """A tool was called and has returned; the caller may have talked meanwhile."""
        self.add(ToolCalled(f"id-{len(self.conversation.items)}", name, {}))
        if meanwhile is not None:
            self.said(meanwhile)
        return self.add(ToolReturned(f"id-{len(self.conversation.items)}", name, content))


@pytest.fixture
def directive() -> Callable[..., str]:
    return wire


@pytest.fixture
def stream() -> Callable[..., Stream]:
    return Stream
