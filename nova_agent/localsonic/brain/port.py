"""The port between Local Sonic's protocol core and whatever decides what the "model" does.

A brain sees exactly what Bedrock would see: the SYSTEM text, the tool specifications, the history, what was
typed, what the ears made of the caller's audio, and the tool results. It answers with actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as declared in promptStart; ``schema`` is its parsed JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryTurn:
    """A text block sent before the audio opened."""

    role: Literal["USER", "ASSISTANT"]
    text: str


@dataclass(frozen=True, slots=True)
class UserSaid:
    """A finished caller turn: recognised speech, or interactive text when ``typed``."""

    text: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """What the agent said; cut to what was really spoken when ``interrupted``."""

    text: str
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class ToolCalled:
    tool_use_id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """``content`` is the result's text as received, a JSON object."""

    tool_use_id: str
    name: str
    content: str


Item = UserSaid | AgentSaid | ToolCalled | ToolReturned


@dataclass(slots=True)
class Conversation:
    """One stream, as the model sees it. ``items`` are in the order in which they happened.

    ``outstanding``: the ids of the tool calls that have no result yet.
    """

    system: str = ""
    tools: tuple[ToolSpec, ...] = ()
    history: list[HistoryTurn] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    tool_choice: Mapping[str, Any] | None = None
    outstanding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Say:
    """Speak this text, sentence by sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class CallTool:
    """Ask the client to run a tool. ``double_encoded`` sends the arguments as a JSON string inside a JSON string."""

    name: str
    arguments: Mapping[str, Any]
    double_encoded: bool = False


Action = Say | CallTool


class Brain(Protocol):
    """Decides the next actions of one stream. One instance serves one stream."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        """Return what to do now.

        Called when a caller turn is complete (the last item is :class:`UserSaid`), and when every tool result of a
        turn has arrived. Nova 2 talks on while a tool runs: there it is also called for what the caller says
        meanwhile, with ``conversation.outstanding``. An empty answer means: stay silent.
        """
        ...


@runtime_checkable
class KnowsWords(Protocol):
    """A brain that may know what a caller says, so that nobody has to listen."""

    def next_words(self) -> str | None:
        """Return the words of the caller's next utterance; ``None`` leaves them to the ears."""
        ...
