"""What became of numbered audio over all streams: what arrived where, what never did, and what came twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from nova_agent.localsonic.ledger.joints import Span


@dataclass(frozen=True, slots=True)
class StreamNumbers:
    """One stream's share. ``other_samples``: those without a number, such as silence that the client put in."""

    stream_id: str
    spans: tuple[Span, ...]
    """In order of arrival."""
    samples: int
    other_samples: int
    complete: bool
    """False when there were too many cuts to follow them all."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers ``first`` up to, and without, ``end``."""

    first: int
    end: int

    @property
    def samples(self) -> int:
        return self.end - self.first


@dataclass(frozen=True, slots=True)
class Doubled:
    """Numbers that arrived ``times`` times, on these streams."""

    first: int
    end: int
    times: int
    streams: tuple[str, ...]

    @property
    def samples(self) -> int:
        return self.end - self.first


@dataclass(frozen=True, slots=True)
class NumberedAudio:
    """A report over streams. Ranges are in order of their numbers, and as long as they can be.

    Where audio was cut inside an audio event, a range may stand a sample or a few beside its place: one bit a sample
    tells no more. Its length is exact.
    """

    first: int
    """Where the numbers begin that were to arrive: as asked for, or the lowest that did."""
    end: int
    """Where they end, without this one: as asked for, or after the highest that arrived."""
    streams: tuple[StreamNumbers, ...]
    lost: tuple[Range, ...]
    doubled: tuple[Doubled, ...]
    received_samples: int
    """Different numbers that arrived."""

    @property
    def lost_samples(self) -> int:
        return sum(one.samples for one in self.lost)

    @property
    def doubled_samples(self) -> int:
        """Samples that were sent too often; one that came three times counts twice."""
        return sum(one.samples * (one.times - 1) for one in self.doubled)

    @property
    def is_numbered(self) -> bool:
        """Whether any numbered audio arrived; without it there is nothing to lose."""
        return self.received_samples > 0

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        derived = {
            "is_numbered": self.is_numbered,
            "lost_samples": self.lost_samples,
            "doubled_samples": self.doubled_samples,
        }
        return {**asdict(self), **derived}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Numbers in a row that arrived on the same streams; ``times`` counts a stream as often as it sent them."""

    first: int
    end: int
    streams: tuple[str, ...]

    @property
    def times(self) -> int:
        return len(self.streams)


def numbered_audio(streams: Sequence[StreamNumbers], first: int | None = None, end: int | None = None) -> NumberedAudio:
    """Compare what arrived with what was to arrive: the numbers from ``first`` to ``end``, each once."""
    spans = [span for stream in streams for span in stream.spans]
    first = min((span.first for span in spans), default=0) if first is None else first
    end = max((span.end for span in spans), default=first) if end is None else end
    pieces = list(_merged(_pieces(streams, first, end)))
    return NumberedAudio(
        first=first,
        end=end,
        streams=tuple(streams),
        lost=tuple(Range(piece.first, piece.end) for piece in pieces if piece.times == 0),
        doubled=tuple(
            Doubled(piece.first, piece.end, piece.times, tuple(dict.fromkeys(piece.streams)))
            for piece in pieces
            if piece.times > 1
        ),
        received_samples=sum(piece.end - piece.first for piece in pieces if piece.times),
    )


def _pieces(streams: Sequence[StreamNumbers], first: int, end: int) -> Iterator[_Piece]:
    """Cut the numbers wherever a span begins or ends."""
    marks: dict[int, list[tuple[str, int]]] = {first: [], end: []}
    for stream in streams:
        for span in stream.spans:
            if span.first < end and span.end > first:
                marks.setdefault(max(span.first, first), []).append((stream.stream_id, 1))
                marks.setdefault(min(span.end, end), []).append((stream.stream_id, -1))
    arriving: dict[str, int] = {}
    ordered = sorted(marks)
    for at, until in pairwise(ordered):
        for stream_id, change in marks[at]:
            arriving[stream_id] = arriving.get(stream_id, 0) + change
        yield _Piece(at, until, tuple(name for name, times in arriving.items() for _ in range(times)))


def _merged(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Join neighbours that arrived alike."""
    last: _Piece | None = None
    for piece in pieces:
        if last is not None and sorted(last.streams) == sorted(piece.streams):
            last = _Piece(last.first, piece.end, last.streams)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
