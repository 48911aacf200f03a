"""The last seconds of a caller's audio."""

from __future__ import annotations

import asyncio
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nova_agent.sonic.ring import CHUNK_BYTES, RATE_HZ, AudioRing


def counted(first: int, samples: int) -> bytes:
    """Samples that say where they belong, modulo 65,536."""
    return np.arange(first, first + samples).astype("<u2").tobytes()


def filled(seconds: float, keep_s: float) -> AudioRing:
    ring = AudioRing(keep_s)
    for first in range(0, round(seconds * RATE_HZ), 512):
        ring.push(counted(first, 512))
    return ring


@settings(deadline=None)
@given(st.lists(st.integers(0, 40_000), max_size=4), st.integers(100, 20_000))
def test_what_is_pushed_is_read_whatever_the_lengths(lengths: list[int], limit_samples: int) -> None:
    ring = AudioRing()
    for length in lengths:
        ring.push(counted(ring.end, length))
    heard, position = b"", 0
    while piece := ring.read(position, limit_samples):
        heard += piece
        position += len(piece) // 2
    assert heard == counted(0, sum(lengths))


def test_a_chunk_is_what_is_sent_at_once() -> None:
    assert len(filled(1, keep_s=5).read(0)) == CHUNK_BYTES


def test_at_the_end_there_is_nothing_to_read() -> None:
    ring = filled(1.024, keep_s=5)
    assert ring.read(ring.end) == ring.read(ring.end + 7) == b""


def test_at_least_what_was_promised_is_kept_and_hardly_more() -> None:
    ring = filled(60, keep_s=10)
    assert 10 <= (ring.end - ring.start) / RATE_HZ < 12


def test_a_position_that_is_gone_becomes_the_oldest_there_is() -> None:
    ring = filled(60, keep_s=10)
    assert ring.lost(5) == ring.start - 5
    assert ring.lost(ring.start) == ring.lost(ring.end) == 0
    assert ring.read(5, 3) == counted(ring.start, 3)


def test_half_a_sample_is_refused_and_nothing_of_it_taken() -> None:
    ring = AudioRing()
    with pytest.raises(ValueError, match="3 bytes"):
        ring.push(b"abc")
    assert ring.end == 0


def test_memory_stays_where_it_is_once_the_ring_is_full() -> None:
    tracemalloc.start()
    ring = filled(4, keep_s=2)
    full, _ = tracemalloc.get_traced_memory()
    for first in range(0, 20 * RATE_HZ, 512):
        ring.push(counted(first, 512))
    later, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * 4 * RATE_HZ * 2
    assert later < full + 50_000


async def test_every_reader_wakes_when_there_is_more() -> None:
    ring = AudioRing()
    readers = [asyncio.create_task(ring.more(0)) for _ in range(3)]
    await asyncio.sleep(0)
    ring.push(bytes(64))
    await asyncio.wait_for(asyncio.gather(*readers), 1)


async def test_a_reader_that_is_ahead_waits_until_its_position_is_passed() -> None:
    ring = AudioRing()
    reader = asyncio.create_task(ring.more(100))
    for _ in range(2):
        ring.push(bytes(100))
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not reader.done()
    ring.push(bytes(2))
    await asyncio.wait_for(reader, 1)


async def test_a_reader_that_is_cancelled_disturbs_no_other() -> None:
    ring = AudioRing()
    leaving, staying = asyncio.create_task(ring.more(0)), asyncio.create_task(ring.more(0))
    await asyncio.sleep(0)
    leaving.cancel()
    ring.push(bytes(2))
    await asyncio.wait_for(staying, 1)
    assert ring.read(0) == bytes(2)


async def test_what_is_there_already_is_not_waited_for() -> None:
    await asyncio.wait_for(filled(1, keep_s=5).more(0), 0.1)
