"""What a ledger remembers of one stream."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import asdict as to_dict
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from nova_agent.localsonic.ledger.values import (
    AudioContent,
    Ending,
    EventEntry,
    Gap,
    HistoryText,
    Outputs,
    RequestFacts,
    ToolResult,
    TypedText,
)

GAP_FLOOR_S: Final = 0.1
"""Shorter pauses in a client's audio are not kept one by one; simulated seconds."""

_GAPS_KEPT: Final = 2_000
_LONG: Final = ("events", "system", "history", "typed", "tool_results")


class LongestGaps:
    """The longest times without input: beyond 2,000 of them the shortest is dropped."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, float, float]] = []

    def add(self, seconds: float, from_at_s: float, to_at_s: float) -> None:
        """Take a time of at least :data:`GAP_FLOOR_S`."""
        push = heapq.heappush if len(self._heap) < _GAPS_KEPT else heapq.heappushpop
        push(self._heap, (seconds, from_at_s, to_at_s))

    def over(self, seconds: float) -> list[Gap]:
        """Those longer than that, in order of time."""
        found = [Gap(from_at_s, to_at_s, length) for length, from_at_s, to_at_s in self._heap if length > seconds]
        return sorted(found, key=lambda gap: gap.from_at_s)


@dataclass(slots=True, eq=False)
class StreamLedger:
    """One stream, from its request to its end. It grows while the stream is open; read it on the endpoint's loop."""

    stream_id: str
    """The sessionId of the stream's output events, and its x-amzn-requestid."""
    model_id: str
    request: RequestFacts
    opened_at_s: float
    opened_sim_s: float
    opened_wall: datetime
    """UTC."""
    first_event_at_s: float | None = None
    first_event_sim_s: float | None = None
    closed_at_s: float | None = None
    closed_sim_s: float | None = None
    ended: Ending | None = None
    """``None`` while the stream is open."""
    event_count: int = 0
    """Input events, audio included."""
    events: list[EventEntry] = field(default_factory=list)
    events_left_out: int = 0
    """Events that came when the list was full: they are in :attr:`event_count` alone."""
    events_ignored: int = 0
    """Events after sessionEnd; they are counted here alone."""
    forgiven: Mapping[str, int] = field(default_factory=dict)
    """Violations that a lenient endpoint passed over: what it did instead, and how often."""
    system: str | None = None
    """The SYSTEM text; several prompts' texts are joined by a line break."""
    tools: list[str] = field(default_factory=list)
    """Names, in the order of promptStart."""
    history: list[HistoryText] = field(default_factory=list)
    typed: list[TypedText] = field(default_factory=list)
    tool_results: list[ToolResult] = field(default_factory=list)
    audio: list[AudioContent] = field(default_factory=list)
    outputs: Outputs = field(default_factory=Outputs)
    longest_gaps: LongestGaps = field(default_factory=LongestGaps, repr=False)

    @property
    def is_open(self) -> bool:
        return self.ended is None

    @property
    def audio_samples(self) -> int:
        """Of all audio contents."""
        return sum(content.samples for content in self.audio)

    @property
    def audio_seconds(self) -> float:
        return sum(content.seconds for content in self.audio)

    def named(self, name: str) -> list[EventEntry]:
        """The event entries of that name."""
        return [event for event in self.events if event.name == name]

    def gaps(self, over_s: float = 1.0) -> list[Gap]:
        """Times without audio or interactive content, in order.

        They count from sessionStart, as the service's idle limit does, and up to the end of a stream that is closed.

        Raises:
            ValueError: ``over_s`` is less than :data:`GAP_FLOOR_S`; gaps that short are not kept.
        """
        if over_s < GAP_FLOOR_S:
            raise ValueError(f"gaps under {GAP_FLOOR_S} s are not kept, so over_s cannot be {over_s}")
        return self.longest_gaps.over(over_s)

    def summary_json(self) -> dict[str, Any]:
        """As :meth:`as_json`, without the event list and the texts."""
        return self.as_json(without=_LONG)

    def as_json(self, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """Everything, as JSON can hold it: fields by their names, and gaps over one second."""
        hidden = ("longest_gaps", *without)
        plain = {one.name: _plain(getattr(self, one.name)) for one in fields(self) if one.name not in hidden}
        derived = {
            "is_open": self.is_open,
            "audio_samples": self.audio_samples,
            "audio_seconds": self.audio_seconds,
            "gaps": [to_dict(gap) for gap in self.gaps()],
        }
        return {**plain, **derived}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case list():
            return [_plain(one) for one in value]
        case Mapping():
            return dict(value)
        case None | str() | int() | float():
            return value
        case _:
            return to_dict(value)
