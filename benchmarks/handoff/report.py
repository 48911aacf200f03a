"""The table of silences, and whether the condition holds. Pure."""

from __future__ import annotations

from statistics import median
from typing import Any, Final

from benchmarks.handoff.job import COLUMNS, Column

AT_MOST: Final = 0.25
"""Of the stock handoff's silence, in each column."""


class Report:
    """Silences in milliseconds, for each client and each one-way delay."""

    def __init__(self) -> None:
        self._cells: dict[tuple[Column, int], list[int]] = {}

    def enter(self, column: Column, delay_ms: int, silences_ms: list[int]) -> None:
        """Add what was measured in one call."""
        self._cells.setdefault((column, delay_ms), []).extend(silences_ms)

    def ratio(self, delay_ms: int) -> float | None:
        """Our median as a part of the stock one."""
        ours, stock = (self._cells.get((column, delay_ms)) for column in COLUMNS)
        return median(ours) / median(stock) if ours and stock else None

    @property
    def holds(self) -> bool:
        """Whether ours is at most a quarter at every delay that both were measured at."""
        ratios = [self.ratio(delay_ms) for delay_ms in self._delays()]
        return all(ratio <= AT_MOST for ratio in ratios if ratio is not None)

    def table(self) -> str:
        """Return the table as Markdown: median, and the range in brackets."""
        delays = self._delays()
        lines = [
            "| silence at a handoff | " + " | ".join(f"{delay_ms} ms one way" for delay_ms in delays) + " |",
            "| --- |" + " --- |" * len(delays),
        ]
        for column in COLUMNS:
            cells = [_cell(self._cells.get((column, delay_ms), [])) for delay_ms in delays]
            lines.append(f"| {column} | {' | '.join(cells)} |")
        ratios = [self.ratio(delay_ms) for delay_ms in delays]
        told = ["–" if ratio is None else f"{ratio:.0%}" for ratio in ratios]
        lines.append(f"| ours, of stock | {' | '.join(told)} |")
        return "\n".join(lines)

    def as_json(self) -> list[dict[str, Any]]:
        """Return every silence that was measured."""
        return [
            {"column": column, "one_way_ms": delay_ms, "silences_ms": silences_ms}
            for (column, delay_ms), silences_ms in self._cells.items()
        ]

    def _delays(self) -> list[int]:
        return sorted({delay_ms for _, delay_ms in self._cells})


def _cell(silences_ms: list[int]) -> str:
    if not silences_ms:
        return "–"
    return f"{median(silences_ms):.0f} ms ({min(silences_ms)}–{max(silences_ms)})"
