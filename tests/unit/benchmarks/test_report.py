"""Tables for people and for programs."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from benchmarks.cpu import per_call_minute
from benchmarks.figures import Spread
from benchmarks.machine import Machine, cpu_model
from benchmarks.marks import Usage
from benchmarks.report import Cell, Table, as_json, show, spread_row, text_of

MACHINE = Machine("Some CPU", 2, 7.5, "Linux 6 x86_64", "3.13.0", {"livekit-agents": "1.8.9"}, 0.25)
TABLE = Table("Waits", ("stage", "p50"), (("detection", 480.0), ("recognition", None)), "A note.")


@pytest.mark.parametrize(
    ("cell", "text"), [(None, "–"), (1234.56, "1235"), (12.34, "12.3"), (1.234, "1.23"), (3, "3"), ("ours", "ours")]
)
def test_a_figure_gets_the_digits_it_deserves(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


def test_a_row_without_values_says_so() -> None:
    assert spread_row("detection", None) == ("detection", None, None, None, 0)
    assert spread_row("detection", Spread(2, 1.0, 2.0, 3.0)) == ("detection", 1.0, 2.0, 3.0, 2)


def test_the_machine_stands_above_the_tables() -> None:
    console = Console(file=io.StringIO(), width=200)
    show(MACHINE, [TABLE], console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]  # the file is the one given above
    assert 0 < printed.index("Some CPU") < printed.index("Waits") < printed.index("480") < printed.index("A note.")


def test_json_holds_the_machine_and_every_row_by_column() -> None:
    written = json.loads(json.dumps(as_json(MACHINE, {"latency": [TABLE]})))
    assert written["machine"]["cores"] == 2
    assert written["benchmarks"]["latency"][0]["rows"][1] == {"stage": "recognition", "p50": None}


def test_the_cpus_name_is_found_where_the_kernel_tells_it() -> None:
    assert cpu_model("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\n") == "Some CPU @ 3 GHz"
    assert cpu_model("processor\t: 0\nCPU implementer\t: 0x41\n") is None


def test_cpu_is_counted_for_each_minute_of_each_call() -> None:
    windows = [Usage(wall_s=30.0, cpu_s=4.0, rss_bytes=0), None, Usage(wall_s=30.0, cpu_s=2.0, rss_bytes=0)]
    assert per_call_minute(windows, calls=2) == 3.0
    assert per_call_minute([None], calls=2) is None
