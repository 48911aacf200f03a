"""What has been captured for playing and how far it has played: a queue of segments, without I/O or time.

The rules are those of ``AudioOutput`` in livekit-agents 1.8.9 (voice/io.py): ``flush`` ends a segment, ``clear``
cuts it short, and each segment is reported as finished exactly once, with the length that was really played.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from nova_agent.simulate.pcm import Pcm


@dataclass(frozen=True, slots=True)
class SegmentEnded:
    """A segment is over. ``position_s`` is how much of it was played, in seconds of audio."""

    position_s: float
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Played:
    """One slot of playout. ``pcm`` fills the slot; only its first ``audible`` samples came from the queue."""

    pcm: Pcm
    audible: int
    segments_started: int
    segments_ended: tuple[SegmentEnded, ...]


@dataclass(slots=True)
class _Segment:
    chunks: deque[Pcm] = field(default_factory=deque)
    played: int = 0
    flushed: bool = False

    def take(self, count: int) -> Pcm:
        """Remove and return at most ``count`` samples from the front."""
        taken: list[Pcm] = []
        while self.chunks and count > 0:
            chunk = self.chunks.popleft()
            if chunk.size > count:
                self.chunks.appendleft(chunk[count:])
                chunk = chunk[:count]
            taken.append(chunk)
            count -= chunk.size
        pcm = np.concatenate(taken) if taken else np.zeros(0, dtype=np.int16)
        self.played += pcm.size
        return pcm


class Playout:
    """A queue of segments that is emptied slot by slot."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._segments: deque[_Segment] = deque()
        self._discarding = False
        self.paused = False

    @property
    def pending(self) -> bool:
        """Whether a segment has been captured and not yet reported as ended."""
        return bool(self._segments)

    def push(self, pcm: Pcm) -> None:
        """Append to the open segment, opening one if need be; dropped after a ``clear`` until the next ``flush``."""
        if self._discarding:
            return
        if not self._segments or self._segments[-1].flushed:
            self._segments.append(_Segment())
        self._segments[-1].chunks.append(pcm)

    def flush(self) -> None:
        """End the open segment: it is reported once its last sample has played."""
        self._discarding = False
        if self._segments:
            self._segments[-1].flushed = True

    def clear(self) -> tuple[SegmentEnded, ...]:
        """Throw away what has not been played and end every pending segment where it stands."""
        ended = tuple(self._ended(segment, interrupted=True) for segment in self._segments)
        if self._segments and not self._segments[-1].flushed:
            self._discarding = True
        self._segments.clear()
        return ended

    def play(self, count: int) -> Played:
        """Play the next ``count`` samples; silence where nothing is queued, or while paused."""
        pieces: list[Pcm] = []
        ended: list[SegmentEnded] = []
        started = 0
        wanted = 0 if self.paused else count
        while self._segments and not self.paused:
            segment = self._segments[0]
            before = segment.played
            piece = segment.take(wanted)
            started += int(before == 0 and piece.size > 0)
            pieces.append(piece)
            wanted -= piece.size
            if segment.chunks or not segment.flushed:
                break
            ended.append(self._ended(segment, interrupted=False))
            self._segments.popleft()
        audible = sum(piece.size for piece in pieces)
        pieces.append(np.zeros(count - audible, dtype=np.int16))
        return Played(np.concatenate(pieces), audible, started, tuple(ended))

    def _ended(self, segment: _Segment, *, interrupted: bool) -> SegmentEnded:
        return SegmentEnded(segment.played / self._rate_hz, interrupted)
