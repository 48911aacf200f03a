"""What a benchmark found, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.report import Table, text_of


def as_markdown(table: Table) -> str:
    """Write the table under its title, its note below it."""
    rows = [table.columns, tuple("---" for _ in table.columns), *(tuple(map(text_of, row)) for row in table.rows)]
    parts = [f"### {table.title}", "\n".join(map(_line, rows)), table.note]
    return "\n\n".join(part for part in parts if part)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in cells)} |"
