"""What was measured: Markdown tables for people, JSON for programs and for showing it again beside other columns."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from pydantic import TypeAdapter

from benchmarks.faults.cells import CallHeld
from benchmarks.faults.columns import COLUMNS, Column
from benchmarks.faults.grades import grade, story, words
from benchmarks.faults.rows import ROWS, Row
from benchmarks.machine import Machine

_NOTHING: Final = "–"
_CALLS: Final = TypeAdapter(list[CallHeld])


class Report:
    """The calls of every cell, each of ``turns`` turns."""

    def __init__(self, turns: int) -> None:
        self.turns = turns
        self._held: defaultdict[tuple[str, str], list[CallHeld]] = defaultdict(list)

    def enter(self, row: Row, column: Column, *calls: CallHeld) -> None:
        """Add calls to a cell."""
        self._held[row.name, column.name] += calls

    def forget(self, row: Row, column: Column) -> None:
        """Empty a cell."""
        self._held.pop((row.name, column.name), None)

    def calls(self, row: Row, column: Column) -> Sequence[CallHeld]:
        """Return what is in a cell."""
        return self._held.get((row.name, column.name), ())

    def tables(self) -> str:
        """Return one table of the faults that strike once, and one of those that last."""
        rows = [row for row in ROWS.values() if any(self.calls(row, column) for column in COLUMNS.values())]
        once = self._table("fault, once", [row for row in rows if not row.lasts])
        lasting = self._table("fault that lasts", [row for row in rows if row.lasts])
        return "\n\n".join(filter(None, ("\n".join(once), "\n".join(lasting))))

    def as_json(self, machine: Machine) -> dict[str, Any]:
        """Return what :func:`load_report` reads, with the grades."""
        cells = [
            {
                "fault": row.name,
                "client": column.name,
                "grade": asdict(grade(calls, self.turns)),
                "calls": [asdict(call) for call in calls],
            }
            for row in ROWS.values()
            for column in COLUMNS.values()
            if (calls := self.calls(row, column))
        ]
        return {"machine": asdict(machine), "turns": self.turns, "cells": cells}

    def _table(self, head: str, rows: Sequence[Row]) -> Iterator[str]:
        if not rows:
            return
        columns = [column for column in COLUMNS.values() if any(self.calls(row, column) for row in rows)]
        yield _line([head, *(column.title for column in columns)])
        yield _line(["---"] * (1 + len(columns)))
        for row in rows:
            yield _line([row.name, *(self._cell(row, column) for column in columns)])

    def _cell(self, row: Row, column: Column) -> str:
        calls = self.calls(row, column)
        if not calls:
            return _NOTHING
        return "<br>".join(dict.fromkeys(map(story, calls))) if row.lasts else words(grade(calls, self.turns))


def load_report(text: str) -> Report:
    """Read what ``--json`` printed; cells of rows or columns that are no more are left out."""
    found = json.loads(text)
    report = Report(found["turns"])
    for cell in found["cells"]:
        row, column = ROWS.get(cell["fault"]), COLUMNS.get(cell["client"])
        if row is not None and column is not None:
            report.enter(row, column, *_CALLS.validate_python(cell["calls"]))
    return report


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in cells)} |"
