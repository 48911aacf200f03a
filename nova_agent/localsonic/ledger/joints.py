"""Where exactly one run of numbered samples ends and the next begins.

One bit a sample cannot always say: next to a cut the bits of both sides agree for a sample or two, by chance. Cuts at
the edges of audio events are the likely ones, and silence is no numbered audio.

Samples that come again after silence are told from chance, however few they are: zeros show where it is, if eight are
next to either side, beside those whose bits agree. Elsewhere 26 samples or less that come again are counted once, as
they may be such bits: after other sound, after a shorter silence, and, as many as are zero, where the numbered audio is
silent itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from nova_agent.localsonic.ledger.runs import LOCK_SAMPLES, NEAR_SAMPLES, Run

# Bits agree by chance over so many samples once in 256 times.
_CHANCE_SAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers ``first`` up to, and without, ``end``, in a row; ``at_sample`` is where in the stream's audio."""

    first: int
    end: int
    at_sample: int


def spans_of(runs: Sequence[Run], count: int) -> list[Span]:
    """Settle the ends of a stream's runs, which are in order; ``count`` is how many samples the stream has."""
    settled: list[Run] = []
    for run in map(_from_zero, runs):
        if settled:
            settled[-1], next_run = _joined(settled[-1], run)
        else:
            next_run = _trimmed_start(run)
        settled.append(next_run)
    if settled and settled[-1].end < count:
        settled[-1] = _trimmed_end(settled[-1])
    return [Span(run.first, _next_number(run), run.start) for run in settled if run.end > run.start]


def _joined(run: Run, following: Run) -> tuple[Run, Run]:
    if following.start <= run.end:
        edges = [at for at in (*run.after.event_edges, *following.before.event_edges) if at >= following.start]
        cut = min((at for at in edges if at <= run.end), default=run.end)
        return replace(run, end=cut), _from(following, cut)
    between = following.start - run.end
    is_in_place = between < LOCK_SAMPLES and _next_number(run) + between == following.first
    if is_in_place and not _are_around_silence(run, following):
        return run, following  # single samples were changed where they stood
    return _undoubled(_trimmed_end(run), _trimmed_start(following))


def _undoubled(run: Run, following: Run) -> tuple[Run, Run]:
    """Take away what came twice if it may be chance; zeros that were trimmed can no longer be."""
    doubled = _next_number(run) - following.first
    at_end, at_start = NEAR_SAMPLES, NEAR_SAMPLES
    if _are_around_silence(run, following):
        at_end, at_start = run.after.zeros or 0, following.before.zeros or 0
    if not 0 < doubled <= min(at_end + at_start, NEAR_SAMPLES):
        return run, following
    from_start = min(doubled, at_start)
    return replace(run, end=run.end - doubled + from_start), _from(following, following.start + from_start)


def _are_around_silence(run: Run, following: Run) -> bool:
    return run.after.is_silent_outside and following.before.is_silent_outside


def _trimmed_end(run: Run) -> Run:
    zeros = run.after.zeros
    edges = [at for at in run.after.event_edges if run.end - (_CHANCE_SAMPLES if zeros is None else zeros) <= at]
    if zeros is not None:
        end = min(edges, default=run.end - zeros)
        return replace(run, end=end, after=replace(run.after, zeros=zeros - (run.end - end)))
    return replace(run, end=max(edges, default=run.end))


def _trimmed_start(run: Run) -> Run:
    if run.start == 0:
        return run
    zeros = run.before.zeros
    edges = [at for at in run.before.event_edges if at <= run.start + (_CHANCE_SAMPLES if zeros is None else zeros)]
    if zeros is not None:
        start = max(edges, default=run.start + zeros)
        return replace(_from(run, start), before=replace(run.before, zeros=zeros - (start - run.start)))
    return _from(run, min(edges, default=run.start))


def _from_zero(run: Run) -> Run:
    """Take the numbers below 0 away, which stand there by chance."""
    if run.first >= 0:
        return run
    start, zeros = run.start - run.first, run.before.zeros
    edges = tuple(at for at in run.before.event_edges if at >= start)
    before = replace(run.before, zeros=None if zeros is None else max(zeros + run.first, 0), event_edges=edges)
    return replace(run, start=start, first=0, before=before)


def _from(run: Run, start: int) -> Run:
    return replace(run, start=start, first=run.first + start - run.start)


def _next_number(run: Run) -> int:
    return run.first + run.end - run.start
