"""Streams counted across real processes, one of which dies."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from nova_agent.sonic.quota import StreamQuota

KEY = "eu-north-1/123456789012"
LIMIT_S = 30.0


def hold(directory: Path, limit: int, wish: int, pipe: Connection) -> None:
    """Take places, say how many there were, and keep them until the pipe is closed."""
    quota = StreamQuota(limit, directory, KEY)
    slots = [slot for _ in range(wish) if (slot := quota.acquire()) is not None]
    pipe.send(len(slots))
    pipe.poll(LIMIT_S)


class Holder:
    """A process with streams."""

    def __init__(self, directory: Path, limit: int, wish: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other_end = context.Pipe()
        self.process = context.Process(target=hold, args=(directory, limit, wish, other_end), daemon=True)
        self.process.start()
        other_end.close()

    def held(self) -> int:
        assert self._pipe.poll(LIMIT_S)
        return int(self._pipe.recv())

    def kill(self) -> None:
        self.process.kill()
        self.process.join(LIMIT_S)


def test_processes_share_the_places_and_one_that_is_killed_leaves_none_behind(tmp_path: Path) -> None:
    holders = [Holder(tmp_path, limit=6, wish=4) for _ in range(2)]
    held = [holder.held() for holder in holders]
    quota = StreamQuota(6, tmp_path, KEY)
    assert sum(held) == quota.in_use() == 5
    assert quota.acquire() is None
    largest = held.index(max(held))
    holders[largest].kill()
    assert quota.in_use() == 5 - held[largest]
    assert all(quota.acquire() is not None for _ in range(held[largest]))
    assert quota.acquire() is None
    for holder in holders:
        holder.kill()
