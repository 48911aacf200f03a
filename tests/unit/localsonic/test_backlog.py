"""Unfinished messages have a limit over all streams, and whoever holds most gives up."""

from __future__ import annotations

from nova_agent.localsonic.backlog import Backlog


class Stream:
    def __init__(self) -> None:
        self.gave_up = False

    def give_up(self) -> None:
        self.gave_up = True


def test_the_largest_gives_up_when_there_is_too_much() -> None:
    backlog, small, large = Backlog(100), Stream(), Stream()
    backlog.note(large, 90)
    backlog.note(small, 20)
    assert (large.gave_up, small.gave_up) == (True, False)


def test_what_is_complete_counts_no_more() -> None:
    backlog, first, second = Backlog(100), Stream(), Stream()
    for _ in range(5):
        backlog.note(first, 90)
        backlog.note(first, 0)
    backlog.note(second, 90)
    assert not first.gave_up
    assert not second.gave_up
