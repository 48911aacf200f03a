"""Rows can be planned, and are chosen by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.faults.choice import choose_columns, choose_rows
from benchmarks.faults.columns import COLUMNS
from benchmarks.faults.rows import AGE_S, LIFE_S, ROWS, Row
from benchmarks.faults.speech import TOOL_EVERY
from nova_agent.localsonic.faults.catalogue import CATALOGUE
from nova_agent.localsonic.faults.grammar import parse_order


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
@pytest.mark.parametrize("turns", [10, 20])
def test_every_fault_can_be_planned(row: Row, turns: int) -> None:
    first, then = row.planned(turns)
    for fault in (*first, *then):
        assert parse_order(fault).faults


def test_every_fault_of_the_endpoint_strikes_once_in_some_row() -> None:
    once = [fault for row in ROWS.values() if not row.lasts for plan in row.planned(20) for fault in plan]
    assert {order.name for fault in once for order in parse_order(fault).faults} == set(CATALOGUE)


def test_a_fault_strikes_in_the_middle_of_the_call_and_not_in_a_turn_with_a_tool() -> None:
    (fault,), _ = ROWS["tcp-cut"].planned(20)
    assert fault == "tcp-cut@turn=9"
    assert 9 % TOOL_EVERY


def test_faults_that_strike_once_leave_a_healthy_endpoint() -> None:
    once = [fault for row in ROWS.values() if not row.lasts for fault in (*row.planned(20)[0], *row.planned(20)[1])]
    assert {parse_order(fault).times for fault in once} == {1}


def test_the_scaled_limit_leaves_a_client_the_same_share_of_time() -> None:
    assert AGE_S / LIFE_S == 360 / 480


def test_a_quota_of_the_host_is_used_up_only_for_who_counts_streams() -> None:
    row = ROWS["quota of this host used up"]
    assert [name for name in COLUMNS if row.suits(name)] == ["ours"]
    assert all(ROWS["rst"].suits(name) for name in COLUMNS)


def test_rows_are_chosen_by_name_before_parts_of_names() -> None:
    assert [row.name for row in choose_rows("rst, tcp-cl")] == ["rst", "tcp-close"]
    assert [row.name for row in choose_rows("at open")] == [name for name in ROWS if "at open" in name]
    assert choose_rows("") == list(ROWS.values())


def test_what_is_not_there_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="there is no row 'tpc-cut'"):
        choose_rows("tpc-cut")
    with pytest.raises(ValueError, match="there is no column 'theirs'"):
        choose_columns("theirs")
    absent = COLUMNS["ours"].interpreter.parents[2] / "absent"
    monkeypatch.setitem(COLUMNS, "pipecat", replace(COLUMNS["pipecat"], interpreter=Path(absent)))
    with pytest.raises(ValueError, match="make clients"):
        choose_columns("pipecat")
