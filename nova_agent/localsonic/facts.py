"""What a client's input events mean for the conversation."""

from __future__ import annotations

from dataclasses import dataclass

from nova_agent.localsonic.brain.port import HistoryTurn
from nova_agent.localsonic.inputs import PromptEnded, PromptStarted, SessionEnded, SessionStarted


@dataclass(frozen=True, slots=True)
class SystemGiven:
    text: str


@dataclass(frozen=True, slots=True)
class HistoryGiven:
    turn: HistoryTurn


@dataclass(frozen=True, slots=True)
class AudioStarted:
    """The caller's audio follows, at this rate."""

    rate_hz: int


@dataclass(frozen=True, slots=True)
class AudioArrived:
    """PCM s16le, mono, at the rate of the last :class:`AudioStarted`."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class AudioStopped:
    pass


@dataclass(frozen=True, slots=True)
class TextTyped:
    """Interactive text: to be answered like speech."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolResultGiven:
    tool_use_id: str
    content: str


Fact = (
    SessionStarted
    | PromptStarted
    | SystemGiven
    | HistoryGiven
    | AudioStarted
    | AudioArrived
    | AudioStopped
    | TextTyped
    | ToolResultGiven
    | PromptEnded
    | SessionEnded
)
