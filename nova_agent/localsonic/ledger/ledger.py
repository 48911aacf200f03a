"""All streams of an endpoint: the open ones, and the last finished ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, Final

from nova_agent.localsonic.clock import Clock, ScaledClock
from nova_agent.localsonic.ledger.kept_audio import KeptAudio
from nova_agent.localsonic.ledger.numbered import NumberedAudio, StreamNumbers, numbered_audio
from nova_agent.localsonic.ledger.numbering import NumberTracker
from nova_agent.localsonic.ledger.recorder import AudioSink, StreamRecorder
from nova_agent.localsonic.ledger.request import request_facts
from nova_agent.localsonic.ledger.stream import StreamLedger

STREAMS_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two streams that were open at once; ``to_at_s`` is now while both of them are."""

    first: str
    """The id of the stream that was opened first."""
    second: str
    from_at_s: float
    to_at_s: float


class Ledger:
    """What an endpoint received, stream by stream, oldest first. To be read and cleared on the endpoint's loop.

    Open streams are always kept; beyond ``keep_streams`` finished ones the oldest is dropped. ``keep_audio_s``: so many
    seconds of each stream's audio, the last ones, are kept as well.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        keep_streams: int = STREAMS_KEPT,
        track_numbering: bool = True,
        keep_audio_s: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock or ScaledClock()
        self._keep_streams = keep_streams
        self._track_numbering = track_numbering
        self._keep_audio_s = keep_audio_s
        self._monotonic = monotonic
        self._wall = wall
        self._streams: list[StreamLedger] = []
        self._trackers: dict[str, NumberTracker] = {}
        self._kept: dict[str, KeptAudio] = {}
        self.dropped = 0
        """Finished streams that had to make room."""

    @property
    def streams(self) -> list[StreamLedger]:
        return list(self._streams)

    def find(self, stream_id: str) -> StreamLedger | None:
        """The stream of that id; "last" is the one that was opened last."""
        if stream_id == "last":
            return self._streams[-1] if self._streams else None
        return next((stream for stream in self._streams if stream.stream_id == stream_id), None)

    def clear(self) -> None:
        """Forget all streams. What open ones still receive is not seen any more."""
        self._streams.clear()
        self._trackers.clear()
        self._kept.clear()
        self.dropped = 0

    def open(
        self, stream_id: str, model_id: str, headers: Mapping[str, str], forgiven: Mapping[str, int] | None = None
    ) -> StreamRecorder:
        """Begin a stream, and return what takes notes of it. ``forgiven`` is watched, not copied."""
        at_s, sim_s = self._now()
        request = request_facts(headers)
        stream = StreamLedger(stream_id, model_id, request, at_s, sim_s, self._wall(), forgiven=forgiven or {})
        self._streams.append(stream)
        self._make_room()
        return StreamRecorder(stream, self._now, self._sinks(stream_id))

    def overlaps(self) -> list[Overlap]:
        """Every pair of streams that were open at once, in order of opening."""
        return list(self._overlaps())

    def open_at(self, at_s: float) -> list[StreamLedger]:
        """The streams that were open at a moment of the monotonic clock."""
        return [stream for stream in self._streams if stream.opened_at_s <= at_s < self._end_of(stream)]

    @property
    def max_open(self) -> int:
        """How many streams were open at once, at most."""
        return max((len(self.open_at(stream.opened_at_s)) for stream in self._streams), default=0)

    def numbered_audio(
        self, *, since_at_s: float = 0.0, first: int | None = None, end: int | None = None
    ) -> NumberedAudio:
        """Say what became of audio that went through ``number_audio``.

        Args:
            since_at_s: leave out streams that were opened before this moment of the monotonic clock.
            first, end: the numbers that were to arrive, the last one excluded; otherwise those from the lowest to the
                highest that did, and what is missing at either end is not noticed.
        """
        streams = [stream for stream in self._streams if stream.opened_at_s >= since_at_s]
        return numbered_audio([self._numbers(stream.stream_id) for stream in streams], first, end)

    def kept_audio(self, stream_id: str) -> KeptAudio | None:
        """The caller's audio of a stream, if any is kept."""
        return self._kept.get(stream_id)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return {
            "dropped": self.dropped,
            "max_open": self.max_open,
            "overlaps": [asdict(overlap) for overlap in self.overlaps()],
            "streams": [stream.as_json() for stream in self._streams],
        }

    def _overlaps(self) -> Iterator[Overlap]:
        for first, second in combinations(self._streams, 2):
            ends_at_s = min(self._end_of(first), self._end_of(second))
            if second.opened_at_s < ends_at_s:
                yield Overlap(first.stream_id, second.stream_id, second.opened_at_s, min(ends_at_s, self._monotonic()))

    def _make_room(self) -> None:
        finished = [stream for stream in self._streams if not stream.is_open]
        for stream in finished[: max(len(finished) - self._keep_streams, 0)]:
            self._streams.remove(stream)
            self._trackers.pop(stream.stream_id, None)
            self._kept.pop(stream.stream_id, None)
            self.dropped += 1

    def _numbers(self, stream_id: str) -> StreamNumbers:
        tracker = self._trackers.get(stream_id) or NumberTracker()
        spans = tuple(tracker.spans())
        others = tracker.samples - sum(span.end - span.first for span in spans)
        return StreamNumbers(stream_id, spans, tracker.samples, others, tracker.complete)

    def _sinks(self, stream_id: str) -> tuple[AudioSink, ...]:
        sinks: list[AudioSink] = []
        if self._track_numbering:
            self._trackers[stream_id] = NumberTracker()
            sinks.append(self._trackers[stream_id])
        if self._keep_audio_s:
            self._kept[stream_id] = KeptAudio(self._keep_audio_s)
            sinks.append(self._kept[stream_id])
        return tuple(sinks)

    def _now(self) -> tuple[float, float]:
        return self._monotonic(), self._clock.now()

    @staticmethod
    def _end_of(stream: StreamLedger) -> float:
        return float("inf") if stream.closed_at_s is None else stream.closed_at_s
