"""What a process holds: tasks, threads, open files, connections of the AWS CRT, memory."""

from __future__ import annotations

import asyncio
import gc
import os
import time
import tracemalloc
from dataclasses import asdict, dataclass
from typing import Final

import psutil  # type: ignore[import-untyped]  # ships no types
from awscrt import NativeResource
from awscrt.http import HttpClientConnectionBase

MIB: Final = 2**20

_COLLECTIONS: Final = 3
_SETTLE_S: Final = 0.5
_RETURN_LIMIT_S: Final = 15.0
_RETURNING: Final = ("tasks", "threads", "descriptors", "connections")


@dataclass(frozen=True, slots=True)
class Footprint:
    """``traced_bytes``: what Python has allocated, while :func:`watch` is on; ``rss_bytes``: all that is resident."""

    tasks: int
    threads: int
    descriptors: int
    connections: int
    traced_bytes: int
    rss_bytes: int

    def since(self, earlier: Footprint) -> dict[str, int]:
        """Return how much more there is of each."""
        before = asdict(earlier)
        return {name: value - before[name] for name, value in asdict(self).items()}


async def watch() -> None:
    """Begin to count connections and what Python allocates; what was there before is not seen.

    Fills the event loop's pool of threads, which otherwise grows with what there is to do at once, and never shrinks.
    """
    workers = min(32, (os.cpu_count() or 1) + 4)  # as many as asyncio's own pool may have
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.1) for _ in range(workers)))
    NativeResource._track_lifetime = True  # noqa: SLF001 - made for finding leaks (awscrt 0.32)
    if not tracemalloc.is_tracing():
        tracemalloc.start()


async def settled(like: Footprint | None = None) -> Footprint:
    """Count when what is over has been taken down: a generator is closed by one collection and freed by the next.

    Whoever gives up a connection that is being made leaves it to the CRT, whose TLS handshakes have ten seconds: there
    are 15 s to come back to what was there before.
    """
    rounds = 0
    while True:
        gc.collect()
        await asyncio.sleep(_SETTLE_S)
        rounds += 1
        now = footprint()
        is_back = like is None or all(getattr(now, name) <= getattr(like, name) for name in _RETURNING)
        if rounds >= _COLLECTIONS and (is_back or rounds * _SETTLE_S >= _RETURN_LIMIT_S):
            return now


def footprint() -> Footprint:
    """Collect garbage, and count. Threads are the machine's: those of native libraries are among them."""
    gc.collect()
    process = psutil.Process()
    return Footprint(
        tasks=len(asyncio.all_tasks()),
        threads=process.num_threads(),
        descriptors=process.num_fds(),
        connections=sum(isinstance(one, HttpClientConnectionBase) for one in list(NativeResource._living)),  # noqa: SLF001 - as above
        traced_bytes=tracemalloc.get_traced_memory()[0],
        rss_bytes=process.memory_info().rss,
    )
