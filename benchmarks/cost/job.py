"""What the measured process is told, and what it tells: JSON on standard input and standard output. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.plugins import PluginName


@dataclass(frozen=True, slots=True, kw_only=True)
class CostJob:
    """Hold ``calls`` at once, and measure ``window_s`` seconds of them.

    ``clips``: what callers say, see ``benchmarks.faults.clips``. ``core``: the only core to run on; ``None`` for any.
    """

    endpoint_url: str
    ca_bundle: Path
    clips: Path
    plugin: PluginName
    calls: int
    window_s: float
    core: int | None = None


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a process holds after a garbage collection."""

    rss_bytes: int
    threads: int
    descriptors: int


@dataclass(slots=True)
class Turns:
    """Questions of all callers. ``waits_s``: from the last sample of a question to the first of its answer.

    ``whole``: answers that were heard to their end.
    """

    asked: int = 0
    whole: int = 0
    waits_s: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRun:
    """``cpu_s`` is of the window; ``idle`` is before the calls, with everything loaded, and ``busy`` after the window.

    ``starting_lags_s`` is the event loop's lateness while the calls were opened one after another, ``lags_s`` its
    lateness in half as long as the window, after it. ``turns`` are of both.
    """

    wall_s: float
    cpu_s: float
    idle: Footprint
    busy: Footprint
    starting_lags_s: list[float]
    lags_s: list[float]
    turns: Turns
