"""Finds stretches of samples whose lowest bits follow the numbering, and where each of them stands in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nova_agent.localsonic.ledger.sequence import ORDER, deviations, position_of, state_of

Samples = NDArray[np.int16]

LOCK_SAMPLES: Final = 64
"""So many consecutive samples tell a position: 26 name it, and by chance the others agree once in 2^38 times."""

NEAR_SAMPLES: Final = ORDER
"""How far around a run's ends its surroundings are noted."""

_SILENT_SAMPLES: Final = 8
"""So many zeros next to a run are silence; quiet sound has fewer in a row. They are in the context for any blocks."""

FIRST_POSITION: Final = 64
"""Where in the sequence the number 0 stands: bits that agree by chance before it must not be numbers from its end."""

_CONTEXT_SAMPLES: Final = LOCK_SAMPLES + 3 * NEAR_SAMPLES


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What helps to say where exactly a run begins or ends: next to it, bits may agree by chance."""

    zeros: int | None = None
    """How many samples at this end of the run are zero, if zeros are next to it: these are silence, most likely."""
    event_edges: tuple[int, ...] = ()
    """Where audio events began inside the run, near this end; indices. Empty where zeros tell more."""
    is_silent_outside: bool = False
    """Whether silence, not only a zero, is next to the run."""


@dataclass(frozen=True, slots=True)
class Run:
    """Samples ``start`` to ``end`` of a stream, the first of which has the number ``first``.

    It may begin a few samples early, by chance even with numbers below 0.
    """

    start: int
    end: int
    first: int
    before: Surroundings = Surroundings()
    after: Surroundings = Surroundings()


class RunFinder:
    """Takes one stream's samples in blocks of any size. Indices count over all of them."""

    def __init__(self) -> None:
        self._count = 0
        self._context: Samples = np.zeros(0, np.int16)
        self._edges: list[int] = []
        self._start = 0
        self._open: Run | None = None
        self._known_empty = False
        self.closed: list[Run] = []

    @property
    def count(self) -> int:
        """Samples taken."""
        return self._count

    @property
    def runs(self) -> list[Run]:
        """Every run so far; the last may go on."""
        return self.closed if self._open is None else [*self.closed, replace(self._open, end=self._count)]

    def take(self, block: Samples, event_edges: list[int]) -> None:
        """Take the next samples; ``event_edges``: the indices among them where an audio event began."""
        samples = np.concatenate((self._context, block))
        base = self._count - len(self._context)
        near = bisect_left(self._edges, base)
        self._edges = [*self._edges[near:], *event_edges]
        view = _View(samples, base, self._edges)
        self._renew_last(view)
        self._count += len(block)
        self._follow(view, self._breaks(samples, base, len(block)))
        self._context = samples[-_CONTEXT_SAMPLES:]

    def _renew_last(self, view: _View) -> None:
        """Note again what comes after the last run: a block may have ended before it could be told from silence."""
        if self.closed and self.closed[-1].end + _SILENT_SAMPLES > self._count:
            self.closed[-1] = replace(self.closed[-1], after=view.before_end(self.closed[-1].end))

    def _breaks(self, samples: Samples, base: int, fresh: int) -> NDArray[np.int64]:
        """The indices among the last ``fresh`` samples whose bit does not follow from the 26 before."""
        window = samples[max(len(samples) - fresh - ORDER, 0) :]
        if len(window) <= ORDER:
            return np.zeros(0, np.int64)
        wrong = deviations((window & 1).astype(np.uint8))
        return np.flatnonzero(wrong) + (base + len(samples) - len(wrong))

    def _follow(self, view: _View, breaks: NDArray[np.int64]) -> None:
        """Close what ends at a break, and open what is long enough to be known."""
        if not len(breaks):
            self._try_to_open(view, self._count)
            return
        self._try_to_open(view, int(breaks[0]))
        self._close(view, int(breaks[0]))
        for place in np.flatnonzero(np.diff(breaks) > LOCK_SAMPLES - ORDER):
            self._begin(int(breaks[place]))
            self._try_to_open(view, int(breaks[place + 1]))
            self._close(view, int(breaks[place + 1]))
        self._begin(int(breaks[-1]))
        self._try_to_open(view, self._count)

    def _begin(self, last_break: int) -> None:
        self._start = last_break - ORDER + 1
        self._known_empty = False

    def _try_to_open(self, view: _View, end: int) -> None:
        if self._open is not None or self._known_empty or end - self._start < LOCK_SAMPLES:
            return
        state = state_of(view.bits(self._start))
        if state == 0:
            self._known_empty = True  # zeros follow from zeros: silence without numbers
        else:
            first = position_of(state) - FIRST_POSITION
            self._open = Run(self._start, end, first, before=view.after_start(self._start))

    def _close(self, view: _View, end: int) -> None:
        run, self._open = self._open, None
        if run is not None:
            self.closed.append(replace(run, end=end, after=view.before_end(end)))


class _View:
    """The samples from the index ``base`` on."""

    def __init__(self, samples: Samples, base: int, edges: list[int]) -> None:
        self._samples = samples
        self._base = base
        self._edges = edges

    def bits(self, start: int) -> NDArray[np.uint8]:
        at = start - self._base
        return (self._samples[at : at + ORDER] & 1).astype(np.uint8)

    def after_start(self, start: int) -> Surroundings:
        at = start - self._base
        inside = self._samples[at : at + NEAR_SAMPLES]
        outside = self._samples[max(at - _SILENT_SAMPLES, 0) : at]
        return _surroundings(inside, outside[::-1], self._edges_in(start, start + NEAR_SAMPLES))

    def before_end(self, end: int) -> Surroundings:
        at = end - self._base
        inside = self._samples[max(at - NEAR_SAMPLES, 0) : at][::-1]
        outside = self._samples[at : at + _SILENT_SAMPLES]
        return _surroundings(inside, outside, self._edges_in(end - NEAR_SAMPLES, end))

    def _edges_in(self, first: int, last: int) -> tuple[int, ...]:
        return tuple(self._edges[bisect_left(self._edges, first) : bisect_right(self._edges, last)])


def _surroundings(inside: Samples, outside: Samples, edges: tuple[int, ...]) -> Surroundings:
    """``inside`` goes from the run's end inwards, ``outside`` outwards; this may be short or empty."""
    if not len(outside) or outside[0]:
        return Surroundings(None, edges)
    others = np.flatnonzero(inside)
    zeros = int(others[0]) if len(others) else len(inside)
    # Numbered silence is made of zeros and ones: there zeros do not tell the run from what is next to it.
    is_silent = zeros == len(inside) or inside[zeros] == 1
    return Surroundings(zeros, edges if is_silent else (), is_silent_outside=not outside.any())
