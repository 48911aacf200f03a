from __future__ import annotations

import asyncio
import base64

from nova_agent.sonic.feeding import LEAST_SAMPLES, MOST_SAMPLES, Feeder
from nova_agent.sonic.ring import AudioRing

MS = 16 * 2
"""Bytes of a millisecond."""


class Taken:
    """What a stream has got."""

    def __init__(self) -> None:
        self.cursor = 0
        self.messages: list[bytes] = []

    async def send_audio(self, content: str, samples: int) -> None:
        self.messages.append(base64.b64decode(content))
        self.cursor += samples


async def fed(*pushes: bytes) -> Taken:
    ring, taken = AudioRing(), Taken()
    feeding = asyncio.create_task(Feeder(ring, taken).run())
    for pcm in pushes:
        await asyncio.sleep(0)
        ring.push(pcm)
    for _ in range(50):
        await asyncio.sleep(0)
    feeding.cancel()
    return taken


async def test_what_comes_at_once_goes_out_at_once_as_one_message() -> None:
    taken = await fed(bytes(50 * MS), bytes(50 * MS))
    assert [len(message) for message in taken.messages] == [50 * MS, 50 * MS]


async def test_crumbs_wait_for_more() -> None:
    taken = await fed(bytes(10 * MS))
    assert taken.messages == []
    taken = await fed(bytes(10 * MS), bytes(10 * MS))
    assert [len(message) for message in taken.messages] == [20 * MS]
    assert LEAST_SAMPLES * 2 == 20 * MS


async def test_who_is_behind_gets_everything_in_order_in_messages_of_bounded_size() -> None:
    spoken = bytes(range(256)) * (2 * MS)
    taken = await fed(spoken)
    assert max(map(len, taken.messages)) == 2 * MOST_SAMPLES
    assert b"".join(taken.messages) == spoken[: 2 * taken.cursor]
    assert len(spoken) // 2 - taken.cursor < LEAST_SAMPLES
