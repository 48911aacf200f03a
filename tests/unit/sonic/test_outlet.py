from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from nova_agent.sonic.outlet import MOST_UNDER_WAY, Outlet

CLOSED = 1051
"""AWS_IO_SOCKET_CLOSED."""


class FakeConnection:
    """Takes frames, and lets them leave when it is told to."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.waiting: list[Callable[[int], None]] = []
        self.is_over = False

    def write(self, frame: bytes, written: Callable[[int], None]) -> None:
        if self.is_over:
            raise RuntimeError("the stream has completed")
        self.frames.append(frame)
        self.waiting.append(written)

    def leave(self, error_code: int = 0) -> None:
        self.waiting.pop(0)(error_code)


def filled() -> tuple[FakeConnection, Outlet]:
    connection = FakeConnection()
    outlet = Outlet(connection.write)
    for number in range(MOST_UNDER_WAY):
        outlet.write(bytes([number]))
    return connection, outlet


async def test_frames_are_handed_over_in_order_without_waiting() -> None:
    connection, _ = filled()
    assert connection.frames == [bytes([number]) for number in range(MOST_UNDER_WAY)]


async def test_a_connection_that_takes_nothing_has_no_room() -> None:
    _, outlet = filled()
    assert not outlet.has_room
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await outlet.room()


async def test_all_who_wait_get_on_as_frames_leave() -> None:
    connection, outlet = filled()

    async def write(name: bytes) -> None:
        await outlet.room()
        outlet.write(name)

    waiting = [asyncio.create_task(write(name)) for name in (b"a", b"b")]
    await asyncio.sleep(0)
    for _ in waiting:
        await asyncio.to_thread(connection.leave)
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    assert connection.frames[-2:] == [b"a", b"b"]


async def test_a_frame_that_could_not_leave_ends_the_stream() -> None:
    connection, outlet = filled()
    connection.leave(CLOSED)
    with pytest.raises(OSError, match="over"):
        outlet.write(b"more")


async def test_a_stream_that_is_over_says_so() -> None:
    connection = FakeConnection()
    outlet = Outlet(connection.write)
    connection.is_over = True
    with pytest.raises(OSError, match="over"):
        outlet.write(b"more")
    assert outlet.has_room
