"""Whose turn it is in a typed call, and the lines that are typed."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from nova_agent.cli import typing_in
from nova_agent.cli.typing_in import Floor, typed_lines


def floor_after(*events: str) -> Floor:
    floor = Floor()
    for event in events:
        floor({"event": event})
    return floor


@pytest.mark.parametrize(
    ("events", "callers"),
    [
        ((), False),
        (("turn.agent",), True),
        (("turn.agent", "turn.user"), True),
        (("turn.agent", "tool.called", "tool.returned"), False),
        (("turn.agent", "tool.called", "tool.returned", "turn.agent"), True),
    ],
)
def test_the_caller_has_the_floor_once_the_agent_has_answered(events: tuple[str, ...], callers: bool) -> None:
    assert floor_after(*events)._is_callers.is_set() is callers


def test_who_speaks_gives_up_the_floor() -> None:
    floor = floor_after("turn.agent")
    floor.take()
    assert not floor._is_callers.is_set()


async def test_an_answer_that_never_comes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing_in, "ANSWER_LIMIT_S", 0.01)
    async with asyncio.timeout(5):
        await Floor().wait()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (b"Yes.\n  Eight \nlast", ["Yes.", "Eight", "last", ""]),
        (b"Yes.\n\nnever read\n", ["Yes.", ""]),
        (b"caf\xc3\xa9\n\xff\n", ["café", "\N{REPLACEMENT CHARACTER}", ""]),
        (b"", [""]),
    ],
)
async def test_lines_end_with_an_empty_one(typed: bytes, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, typed)
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        lines = typed_lines()
        async with asyncio.timeout(5):
            assert [await lines.get() for _ in read] == read
