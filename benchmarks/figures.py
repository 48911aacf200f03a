"""What a set of measured values comes to: median, 95th percentile, maximum. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Values in the unit that they were given in."""

    count: int
    p50: float
    p95: float
    max: float


def spread(values: Iterable[float]) -> Spread | None:
    """Summarise ``values``; ``None`` when there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    return Spread(len(ordered), percentile(ordered, 50), percentile(ordered, 95), ordered[-1])


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the percentile of ascending values, interpolating linearly between the two nearest.

    Raises:
        ValueError: no values, or a percentile outside 0–100.
    """
    if not ordered or not 0 <= percent <= 100:
        raise ValueError(f"percentile {percent} of {len(ordered)} values")
    position = (len(ordered) - 1) * percent / 100
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """How ``ours`` compares with ``theirs``; ``None`` when either is missing or theirs is nothing."""
    return ours / theirs if ours is not None and theirs else None
