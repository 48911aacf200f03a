"""A loop in a thread, as other threads use it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from nova_agent.localsonic.threaded.loop import LoopThread


@pytest.fixture
def thread() -> Iterator[LoopThread]:
    loop_thread = LoopThread("test-loop")
    yield loop_thread
    loop_thread.stop()


async def name_of_thread() -> str:
    return threading.current_thread().name


def test_results_and_errors_come_back(thread: LoopThread) -> None:
    assert thread.run(name_of_thread(), limit_s=5) == "test-loop"
    assert thread.call(lambda: threading.current_thread().name) == "test-loop"
    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)


async def test_it_can_be_used_from_another_loop(thread: LoopThread) -> None:
    assert thread.run(name_of_thread(), limit_s=5) == "test-loop"


def test_what_takes_too_long_is_cancelled(thread: LoopThread) -> None:
    was_cancelled = threading.Event()

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            was_cancelled.set()

    with pytest.raises(TimeoutError):
        thread.run(wait_for_ever(), limit_s=0.01)
    assert was_cancelled.wait(5)


def test_stopping_ends_the_thread_and_can_be_repeated() -> None:
    thread = LoopThread("stopped-loop")
    thread.stop()
    thread.stop()
    assert "stopped-loop" not in {running.name for running in threading.enumerate()}
