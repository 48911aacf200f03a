"""Results of scenarios for people (a table) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.table import Table

from nova_agent.simulate.scenario import ScenarioResult


def results_table(results: Sequence[ScenarioResult]) -> Table:
    """One row a scenario: what it was, whether it passed, how long it took."""
    passed = sum(result.passed for result in results)
    table = Table(title=f"{passed} of {len(results)} scenarios passed", title_justify="left")
    for heading in ("scenario", "result", "ended", "audio", "wall", "response"):
        table.add_column(heading, overflow="fold")
    for result in results:
        table.add_row(*_row(result))
    return table


def failures(results: Sequence[ScenarioResult]) -> list[str]:
    """What went wrong, one line a finding, each with its scenario."""
    return [
        f"{result.name}: {finding}"
        for result in results
        for finding in ((result.failure,) if result.failure else ()) + result.findings
    ]


def results_json(results: Sequence[ScenarioResult]) -> dict[str, Any]:
    """The same as one JSON object, with the conversations."""
    return {
        "passed": sum(result.passed for result in results),
        "scenarios": [{**asdict(result), "median_response_ms": result.median_response_ms} for result in results],
    }


def _row(result: ScenarioResult) -> tuple[str, ...]:
    response_ms = result.median_response_ms
    return (
        escape(result.name),
        "[green]passed[/]" if result.passed else "[red]failed[/]",
        escape(result.end_reason or "–"),
        f"{result.line_ms / 1000:.1f} s",
        f"{result.wall_s:.1f} s",
        "–" if response_ms is None else f"{response_ms} ms",
    )
