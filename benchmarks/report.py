"""What a benchmark found, as tables for people (rich) and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.figures import Spread
from benchmarks.machine import Machine

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns; ``None`` is a figure that there is none of."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def as_records(self) -> list[dict[str, Cell]]:
        """Return one mapping of column to cell for each row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def spread_row(name: str, found: Spread | None) -> tuple[Cell, ...]:
    """Return a row of name, p50, p95, max and count."""
    if found is None:
        return (name, None, None, None, 0)
    return (name, found.p50, found.p95, found.max, found.count)


def text_of(cell: Cell) -> str:
    """Write a cell for people: figures get the digits that they deserve."""
    match cell:
        case None:
            return "–"
        case float():
            return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"
        case _:
            return str(cell)


def render(table: Table) -> RichTable:
    """Lay the table out for a terminal: first column to the left, figures to the right."""
    drawn = RichTable(title=table.title, caption=table.note or None, title_justify="left", caption_justify="left")
    for number, column in enumerate(table.columns):
        drawn.add_column(column, justify="right" if number else "left")
    for row in table.rows:
        drawn.add_row(*(text_of(cell) for cell in row))
    return drawn


def show(machine: Machine, tables: Iterable[Table], console: Console) -> None:
    """Print the machine, then every table."""
    console.print(f"\n[bold]Machine[/]  {machine.sentence()}\n")
    for table in tables:
        console.print(render(table))
        console.print()


def as_json(machine: Machine, found: Mapping[str, Iterable[Table]]) -> dict[str, Any]:
    """Return everything as JSON can hold it: the machine, and the tables of each benchmark."""
    return {
        "machine": asdict(machine),
        "benchmarks": {
            name: [{"title": table.title, "note": table.note, "rows": table.as_records()} for table in tables]
            for name, tables in found.items()
        },
    }
