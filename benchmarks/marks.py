"""When things happened in a call: the values that the agent's process hands back. Pure.

Every moment is ``time.monotonic()`` in seconds. Linux, macOS and Windows count it from the machine's start, so moments
taken in two processes of one machine can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class AnswerMarks:
    """One answer of the agent as our side saw it; ``None`` while (or if) it has not got there.

    ``asked``: the caller's last word was on the line; for the opening, when the call began. ``received``: the session
    got the answer's first audio. ``playing``: its first frame was played on the line. ``audible``: the first frame that
    was not silence was.
    """

    asked: float
    received: float | None = None
    playing: float | None = None
    audible: float | None = None
    tools_ms: int = 0
    """How long our tools took, as the call's record has it."""
    recorded_ms: int | None = None
    """``metric.first_audio`` of the call's record; the stock plugin leaves none."""


@dataclass(slots=True)
class CallMarks:
    """One call. ``session_made``: database row and opening directive were done. ``stream_opened``: it took events."""

    opening: AnswerMarks
    session_made: float | None = None
    stream_opened: float | None = None
    turns: list[AnswerMarks] = field(default_factory=list)
    stuck_on: str | None = None
    """What the agent said that the caller had no answer to."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process used within a window of ``wall_s`` seconds. ``rss_bytes`` is at the window's end."""

    wall_s: float
    cpu_s: float
    rss_bytes: int


@dataclass(frozen=True, slots=True)
class AgentRun:
    """All that one agent process measured. ``idle_rss_bytes``: with everything imported and opened, before any call."""

    calls: list[CallMarks]
    idle_rss_bytes: int
    agent: Usage | None = None
    sonic: Usage | None = None
