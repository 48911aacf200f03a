"""What became of numbered audio, over streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nova_agent.localsonic.ledger import Ledger, number_audio
from nova_agent.localsonic.ledger.joints import Span
from nova_agent.localsonic.ledger.numbered import Doubled, Range, StreamNumbers, numbered_audio

Feed = Callable[..., Any]


def numbers(stream_id: str, *spans: tuple[int, int]) -> StreamNumbers:
    found = tuple(Span(first, end, 0) for first, end in spans)
    return StreamNumbers(stream_id, found, sum(end - first for first, end in spans), 0, complete=True)


def test_what_arrives_once_is_neither_lost_nor_doubled() -> None:
    report = numbered_audio([numbers("a", (0, 100)), numbers("b", (100, 300))])
    assert (report.first, report.end, report.received_samples) == (0, 300, 300)
    assert report.lost == report.doubled == ()


def test_what_no_stream_received_is_lost() -> None:
    report = numbered_audio([numbers("a", (10, 100), (120, 130)), numbers("b", (200, 300))])
    assert report.lost == (Range(100, 120), Range(130, 200))
    assert report.lost_samples == 90


def test_what_came_on_two_streams_or_twice_on_one_is_doubled() -> None:
    report = numbered_audio([numbers("a", (0, 100), (90, 150)), numbers("b", (140, 300), (145, 200))])
    assert report.doubled == (
        Doubled(90, 100, 2, ("a",)),
        Doubled(140, 145, 2, ("a", "b")),
        Doubled(145, 150, 3, ("a", "b")),
        Doubled(150, 200, 2, ("b",)),
    )
    assert report.doubled_samples == 10 + 5 + 10 + 50


def test_neighbours_that_arrived_alike_are_one_range() -> None:
    report = numbered_audio([numbers("a", (0, 50), (50, 100)), numbers("b", (0, 70), (70, 100))])
    assert report.doubled == (Doubled(0, 100, 2, ("a", "b")),)


def test_what_was_to_arrive_shows_losses_at_either_end() -> None:
    report = numbered_audio([numbers("a", (10, 90))], first=0, end=100)
    assert report.lost == (Range(0, 10), Range(90, 100))
    assert numbered_audio([numbers("a", (10, 90))], first=20, end=50).received_samples == 30


def test_without_numbers_there_is_nothing_to_report() -> None:
    report = numbered_audio([numbers("a")])
    assert not report.is_numbered
    assert (report.lost, report.doubled) == ((), ())


def test_a_ledger_reports_over_its_streams(ledger: Ledger, feed: Feed, hands: Any) -> None:
    pcm = number_audio(b"\x40\x00" * 8_000)
    for name, part in (("a", pcm[:10_000]), ("b", bytes(200) + pcm[9_000:])):
        one = feed(name)
        one.open()
        one.open_audio()
        one.pcm(part)
        hands.at_s += 1
    report = ledger.numbered_audio(first=0, end=8_000)
    assert report.doubled == (Doubled(4_500, 5_000, 2, ("a", "b")),)
    assert [stream.other_samples for stream in report.streams] == [0, 100]
    assert json.loads(json.dumps(report.as_json()))["doubled_samples"] == 500
    assert ledger.numbered_audio(since_at_s=1001.0).streams[0].stream_id == "b"


def test_audio_is_kept_only_where_it_is_wanted(feed: Feed, ledger: Ledger) -> None:
    feed("a")
    assert ledger.kept_audio("a") is None
