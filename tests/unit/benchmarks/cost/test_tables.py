from __future__ import annotations

import pytest

from benchmarks.cost.job import CostRun, Footprint, Turns
from benchmarks.cost.tables import cpu_table, lag_table, memory_table

MIB = 2**20
IDLE = Footprint(rss_bytes=200 * MIB, threads=5, descriptors=20)


def run(*, cpu_s: float, calls: int, whole: int = 3) -> CostRun:
    busy = Footprint(IDLE.rss_bytes + calls * MIB, IDLE.threads + 2 * calls, IDLE.descriptors + calls)
    turns = Turns(asked=3, whole=whole, waits_s=[0.5, 0.6])
    return CostRun(
        wall_s=30.0,
        cpu_s=cpu_s,
        idle=IDLE,
        busy=busy,
        starting_lags_s=[0.02],
        lags_s=[0.001] * 98 + [0.1] * 2,
        turns=turns,
    )


def test_cpu_is_of_one_minute_of_one_call() -> None:
    (row,) = cpu_table({("ours", 10): [run(cpu_s=2.5, calls=10)], ("stock", 10): [run(cpu_s=5.0, calls=10)]}).rows
    assert row == (10, pytest.approx(0.5), pytest.approx(1.0), pytest.approx(0.5), "0.50")


def test_every_pair_shows_its_own_ratio() -> None:
    ours = [run(cpu_s=1.0, calls=1), run(cpu_s=3.0, calls=1)]
    (row,) = cpu_table({("ours", 1): ours, ("stock", 1): [run(cpu_s=4.0, calls=1)] * 2}).rows
    assert row[3:] == (pytest.approx(0.5), "0.25, 0.75")


def test_a_plugin_that_was_not_measured_has_no_figures() -> None:
    (row,) = cpu_table({("ours", 1): [run(cpu_s=1.0, calls=1)]}).rows
    assert row[2:] == (None, None, "")


def test_memory_is_the_growth_for_each_call() -> None:
    table = memory_table({("ours", 40): [run(cpu_s=1.0, calls=40)]})
    assert table.rows == ((40, "ours", 1.0, 2.0, 1.0),)
    assert "200 MiB" in table.title


def test_an_answer_that_was_not_heard_whole_shows() -> None:
    rows = lag_table({("stock", 1): [run(cpu_s=1.0, calls=1, whole=2), run(cpu_s=1.0, calls=1)]}).rows
    (row,) = [row for row in rows if row[1] == "stock"]
    assert row[2:5] == (pytest.approx(1.0), pytest.approx(100.0), pytest.approx(100.0))
    assert row[-1] == "5 of 6"
