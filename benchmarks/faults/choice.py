"""Which rows and columns somebody asked for, by their names. Pure."""

from __future__ import annotations

from benchmarks.faults.columns import COLUMNS, Column
from benchmarks.faults.rows import ROWS, Row


def choose_rows(text: str) -> list[Row]:
    """Return the rows with these names; a word that is none takes every row whose name holds it. Nothing is all.

    Raises:
        ValueError: nothing is called so.
    """
    chosen: dict[str, Row] = {}
    for word in _words(text):
        found = {word: ROWS[word]} if word in ROWS else {name: row for name, row in ROWS.items() if word in name}
        if not found:
            raise ValueError(f"there is no row {word!r}; there are: {', '.join(ROWS)}")
        chosen |= found
    return list((chosen or ROWS).values())


def choose_columns(text: str) -> list[Column]:
    """Return the columns with these names.

    Raises:
        ValueError: nothing is called so, or it is not installed here.
    """
    chosen = []
    for name in _words(text):
        if name not in COLUMNS:
            raise ValueError(f"there is no column {name!r}; there are: {', '.join(COLUMNS)}")
        if (missing := COLUMNS[name].missing) is not None:
            raise ValueError(missing)
        chosen.append(COLUMNS[name])
    return chosen


def _words(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]
