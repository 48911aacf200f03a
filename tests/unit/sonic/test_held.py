"""Events that wait until they may be heard."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nova_agent.sonic.held import HeldEvents


class Listener:
    """Takes a while over each event."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    async def take(self, event: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        self.heard.append(event["number"])


async def test_what_is_not_held_passes_at_once() -> None:
    listener = Listener()
    held = HeldEvents(listener.take)
    await held.take({"number": 1})
    assert (listener.heard, held.is_holding) == ([1], False)


async def test_what_is_held_is_not_heard_before_its_release() -> None:
    listener = Listener()
    held = HeldEvents(listener.take)
    held.hold()
    await held.take({"number": 1})
    assert (listener.heard, held.is_holding) == ([], True)
    await held.release()
    assert (listener.heard, held.is_holding) == ([1], False)


async def test_what_comes_while_the_rest_is_let_out_comes_after_it() -> None:
    listener = Listener()
    held = HeldEvents(listener.take)
    held.hold()
    for number in (1, 2, 3):
        await held.take({"number": number})
    releasing = asyncio.create_task(held.release())
    await asyncio.sleep(0)
    await held.take({"number": 4})
    await releasing
    await held.take({"number": 5})
    assert listener.heard == [1, 2, 3, 4, 5]


async def test_an_event_that_cannot_be_taken_does_not_keep_the_others_back() -> None:
    listener = Listener()

    async def take(event: dict[str, Any]) -> None:
        if event["number"] == 2:
            raise ValueError("what is this?")
        await listener.take(event)

    held = HeldEvents(take)
    held.hold()
    for number in (1, 2, 3):
        await held.take({"number": number})
    with pytest.raises(ValueError, match="what is this"):
        await held.release()
    await held.take({"number": 4})
    assert listener.heard == [1, 3, 4]
