"""Where exactly one run of numbered samples ends and the next begins.

One bit a sample cannot always say: next to a cut the bits of both sides agree for a sample or two, by chance. Cuts at
the edges of audio events are the likely ones, and silence is no numbered audio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from nova_agent.localsonic.ledger.runs import LOCK_SAMPLES, NEAR_SAMPLES, Run, Surroundings

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
    if between < LOCK_SAMPLES and _next_number(run) + between == following.first:
        return run, following  # single samples were changed where they stood
    run, following = _trimmed_end(run), _trimmed_start(following)
    doubled = _next_number(run) - following.first
    if 0 < doubled <= NEAR_SAMPLES:
        following = _from(following, following.start + doubled)
    return run, following


def _trimmed_end(run: Run) -> Run:
    zeros = run.after.zeros
    edges = [at for at in run.after.event_edges if run.end - (_CHANCE_SAMPLES if zeros is None else zeros) <= at]
    if zeros is not None:
        return replace(run, end=min(edges, default=run.end - zeros))
    return replace(run, end=max(edges, default=run.end))


def _trimmed_start(run: Run) -> Run:
    if run.start == 0:
        return run
    zeros = run.before.zeros
    edges = [at for at in run.before.event_edges if at <= run.start + (_CHANCE_SAMPLES if zeros is None else zeros)]
    if zeros is not None:
        return _from(run, max(edges, default=run.start + zeros))
    return _from(run, min(edges, default=run.start))


def _from_zero(run: Run) -> Run:
    """Take the numbers below 0 away, which stand there by chance."""
    if run.first >= 0:
        return run
    start, zeros = run.start - run.first, run.before.zeros
    edges = tuple(at for at in run.before.event_edges if at >= start)
    before = Surroundings(None if zeros is None else max(zeros + run.first, 0), edges)
    return replace(run, start=start, first=0, before=before)


def _from(run: Run, start: int) -> Run:
    return replace(run, start=start, first=run.first + start - run.start)


def _next_number(run: Run) -> int:
    return run.first + run.end - run.start
