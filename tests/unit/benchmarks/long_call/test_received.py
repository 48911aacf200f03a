"""What is wrong with the beginning of a stream."""

from __future__ import annotations

import pytest

from benchmarks.long_call.received import Told

GOOD = (("USER", "question 104"), ("ASSISTANT", "Answer 104."), ("USER", "question 105"), ("ASSISTANT", "Answer 105."))


def test_a_history_that_goes_on_turn_by_turn_is_in_order() -> None:
    assert Told(1, GOOD).faults == []
    assert Told(1, ()).faults == []


@pytest.mark.parametrize(
    ("history", "fault"),
    [
        ((*GOOD[:2], *GOOD[:2]), "a turn twice"),
        (GOOD[1:], "not in turn"),
        ((GOOD[0], GOOD[3]), "turns out of order, or one is missing"),
        ((*GOOD[:2], ("USER", "question 106")), "turns out of order, or one is missing"),
    ],
)
def test_what_is_wrong_with_a_history_is_named(history: tuple[tuple[str, str], ...], fault: str) -> None:
    assert fault in Told(1, history).faults


def test_a_second_system_text_is_wrong() -> None:
    assert Told(2, GOOD).faults == ["2 SYSTEM texts"]
