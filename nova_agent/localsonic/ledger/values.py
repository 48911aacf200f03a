"""What a ledger remembers of one stream, as values. Field names are those of the control port's JSON.

Moments end in ``at_s`` (seconds on the system's monotonic clock, ``time.monotonic()``, which all processes of a
machine share) or in ``sim_s`` (simulated seconds since the endpoint was made). Durations are simulated seconds: at
speed 1 they are real ones. Samples are those of the stream's own rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

HowEnded = Literal["half-close", "reset", "connection-lost", "exception", "end-stream", "fault", "stopped"]


@dataclass(slots=True)
class AudioRun:
    """audioInput events of one content, with no other event between them. It grows while it is the newest."""

    content_name: str
    count: int
    """Events."""
    samples: int
    last_at_s: float
    last_sim_s: float
    max_gap_s: float
    """Longest time from one event to the next."""
    min_chunk_samples: int
    max_chunk_samples: int


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An input event, or a run of audioInput events. ``at_s`` is when the first of them came."""

    seq: int
    """1 for the stream's first event; a run takes one number for each of its events."""
    at_s: float
    sim_s: float
    name: str
    """As on the wire; empty if the event could not be read that far."""
    body: dict[str, Any] | None = None
    """As received. ``None`` for audio and where :attr:`cut` says so."""
    cut: bool = False
    """Whether texts of the body were shortened, or the body was left out, to save memory."""
    refused: bool = False
    """Whether the event could not be read, was no event, or had a value that is not taken."""
    audio: AudioRun | None = None


@dataclass(slots=True)
class AudioContent:
    """The caller's audio between a contentStart and its contentEnd, as far as it was heard."""

    content_name: str
    rate_hz: int
    opened_at_s: float
    opened_sim_s: float
    samples: int = 0
    seconds: float = 0.0
    """Of audio: samples by rate."""
    closed_at_s: float | None = None
    closed_sim_s: float | None = None


@dataclass(frozen=True, slots=True)
class HistoryText:
    """A text of the chat history."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class TypedText:
    """An interactive text, when it took effect: one that was sent before the audio opened takes effect with it."""

    at_s: float
    sim_s: float
    text: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    at_s: float
    sim_s: float
    tool_use_id: str
    content: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without audio or interactive content."""

    from_at_s: float
    to_at_s: float
    seconds: float


@dataclass(slots=True)
class Answer:
    """Audio that was sent from the first audioOutput to the contentEnd with END_TURN, or to an interruption."""

    first_audio_at_s: float
    first_audio_sim_s: float
    samples: int = 0
    interrupted: bool = False


@dataclass(slots=True)
class Outputs:
    """What the endpoint sent."""

    counts: dict[str, int] = field(default_factory=dict)
    """Events by name."""
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a stream ended.

    ``half-close``: the client closed its side. ``reset``: it reset the stream. ``connection-lost``: its connection is
    gone. ``exception``: we sent an exception frame. ``end-stream``: we ended the response of ourselves, because the
    client's half-close did not follow its sessionEnd in time. ``fault``: a planned fault ended it. ``stopped``: the
    endpoint was stopped.
    """

    how: HowEnded
    exception: str | None = None
    message: str | None = None
    after_session_end: bool = False
    after_seq: int = 0
    """The last event that was received before."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the HTTP request said of the client."""

    user_agent: str | None = None
    signed: bool = False
    """Whether it carried an AWS Signature Version 4; nobody checked it."""
    region: str | None = None
    """The region that it was signed for."""
