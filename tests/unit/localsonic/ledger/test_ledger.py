"""All streams of an endpoint: which are kept, and which were open at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.localsonic.ledger import Ledger, Overlap

Feed = Callable[..., Any]


def ids(streams: list[Any]) -> list[str]:
    return [stream.stream_id for stream in streams]


def test_the_oldest_finished_stream_makes_room_and_open_ones_stay(ledger: Ledger, feed: Feed) -> None:
    feed("open")
    for name in "abcd":
        feed(name).recorder.ended("half-close")
    feed("e")
    assert ids(ledger.streams) == ["open", "b", "c", "d", "e"]
    assert ledger.dropped == 1


def test_streams_are_found_by_id_or_as_the_last(ledger: Ledger, feed: Feed) -> None:
    assert ledger.find("last") is None
    feed("a")
    feed("b")
    assert ids([ledger.find("a"), ledger.find("last")]) == ["a", "b"]
    assert ledger.find("c") is None


def test_clearing_forgets_streams_for_good(ledger: Ledger, feed: Feed) -> None:
    one = feed("a")
    ledger.clear()
    one.open()
    assert ledger.streams == []


@pytest.fixture
def rotated(feed: Feed, hands: Any) -> None:
    """Open from 1000 to 1010, from 1008 to 1020, and from 1020 on."""
    first = feed("a")
    hands.at_s = 1008.0
    second = feed("b")
    hands.at_s = 1010.0
    first.recorder.ended("half-close")
    hands.at_s = 1020.0
    second.recorder.ended("half-close")
    feed("c")
    hands.at_s = 1030.0


@pytest.mark.usefixtures("rotated")
def test_streams_that_were_open_at_once_overlap(ledger: Ledger) -> None:
    assert ledger.overlaps() == [Overlap("a", "b", 1008.0, 1010.0)]
    assert ledger.max_open == 2


@pytest.mark.usefixtures("rotated")
def test_two_open_streams_overlap_until_now(ledger: Ledger, feed: Feed, hands: Any) -> None:
    feed("d")
    hands.at_s = 1040.0
    assert ledger.overlaps()[-1] == Overlap("c", "d", 1030.0, 1040.0)


@pytest.mark.usefixtures("rotated")
def test_it_is_known_what_was_open_when(ledger: Ledger) -> None:
    assert [ids(ledger.open_at(at_s)) for at_s in (999.0, 1000.0, 1009.0, 1010.0, 1020.0)] == [
        [],
        ["a"],
        ["a", "b"],
        ["b"],
        ["c"],
    ]


@pytest.mark.usefixtures("rotated")
def test_the_whole_ledger_is_json(ledger: Ledger) -> None:
    view = json.loads(json.dumps(ledger.as_json()))
    assert [stream["stream_id"] for stream in view["streams"]] == ["a", "b", "c"]
    assert view["overlaps"] == [{"first": "a", "second": "b", "from_at_s": 1008.0, "to_at_s": 1010.0}]
