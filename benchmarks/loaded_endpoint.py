"""A Local Sonic in a process of its own that says what it costs: ``python -m benchmarks.loaded_endpoint``.

It is what ``nova-agent sonic serve`` runs, without the limit of 20 streams. It prints where it listens, and then, for
every line on standard input, an :class:`EndpointCost`: what it has used since the line before. Each is a line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil  # type: ignore[import-untyped]  # ships no types
from pydantic import TypeAdapter

from benchmarks.endpoint import FreshMouth
from benchmarks.lag import LoopLag
from benchmarks.stacks import StackSampler
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.timing import TurnTiming
from nova_agent.log import configure_logging

STAGES: Final = ("words", "decision", "first sentence", "sent")


@dataclass(frozen=True, slots=True)
class Served:
    """Where the endpoint listens."""

    endpoint_url: str
    ca_bundle: Path


@dataclass(frozen=True, slots=True)
class EndpointCost:
    """CPU seconds of the whole process and by thread, how late the event loop was, and what its stack samples were.

    ``stages``: seconds of each turn from one stamp of its timing to the next.
    """

    wall_s: float
    cpu_s: float
    threads: dict[str, float]
    lags_s: list[float]
    stages: dict[str, list[float]]
    samples: dict[str, int]
    rss_bytes: int


class CostMeter:
    """Counts from one :meth:`take` to the next."""

    def __init__(self, sonic: LocalSonic, *, sampled: bool) -> None:
        self._sonic = sonic
        self._process = psutil.Process()
        self._sampler = StackSampler()
        self.lag = LoopLag()
        self._before: dict[str, float] = {}
        if sampled:
            self._sampler.start()
        self.take()

    def take(self) -> EndpointCost:
        """Return what was used, and begin anew."""
        now = {**_cpu_by_thread(self._process), "wall": time.monotonic(), "all": time.process_time()}
        used = {name: value - self._before.get(name, 0.0) for name, value in now.items()}
        samples, self._sampler.samples = dict(self._sampler.samples), Counter()
        self._before = now
        stages = _stages(self._sonic.turn_timings)
        self._sonic.turn_timings.clear()
        rss_bytes = self._process.memory_info().rss
        return EndpointCost(used.pop("wall"), used.pop("all"), used, self.lag.take(), stages, samples, rss_bytes)


def _stages(timings: Iterable[TurnTiming]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in STAGES}
    for timing in timings:
        stamps = (
            timing.detected_at,
            timing.transcribed_at,
            timing.decided_at,
            timing.first_sentence_at,
            timing.first_audio_at,
        )
        for name, (begin, end) in zip(STAGES, pairwise(stamps), strict=True):
            if begin is not None and end is not None:
                found[name].append(end - begin)
    return found


def _cpu_by_thread(process: psutil.Process) -> dict[str, float]:
    """CPU seconds by what the threads are for; those that Python does not know are the native libraries' own."""
    names = {thread.native_id: thread.name.split("_")[0] for thread in threading.enumerate()}
    found: dict[str, float] = {}
    for thread in process.threads():
        name = names.get(thread.id, "native")
        found[name] = found.get(name, 0.0) + thread.user_time + thread.system_time
    return found


@asynccontextmanager
async def _serve(script: Path) -> AsyncIterator[LocalSonic]:
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        config = LocalSonicConfig(
            ca_dir=Path(folder),
            brain="scripted",
            brain_script=script,
            switches=Switches(concurrent_streams=0),
        )
        async with LocalSonic(config, mouth=FreshMouth()) as sonic:
            yield sonic


async def _run(script: Path, *, sampled: bool) -> None:
    async with _serve(script) as sonic:
        print(TypeAdapter(Served).dump_json(Served(sonic.endpoint_url, sonic.ca_bundle)).decode(), flush=True)
        meter = CostMeter(sonic, sampled=sampled)
        following = asyncio.create_task(meter.lag.follow())
        lines = await _lines()
        while await lines.readline():
            print(TypeAdapter(EndpointCost).dump_json(meter.take()).decode(), flush=True)
        following.cancel()


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", type=Path)
    parser.add_argument("--sampled", action="store_true", help="sample stacks, which costs a little itself")
    options = parser.parse_args()
    configure_logging("error", json=False)
    asyncio.run(_run(options.script, sampled=options.sampled))


if __name__ == "__main__":
    main()
