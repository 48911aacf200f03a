"""What came of the calls: conditions that they had to meet, and how they ended. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.checks import Check, at_most, equal, table_of
from benchmarks.figures import spread
from benchmarks.footprint import MIB, Footprint
from benchmarks.report import Cell, Table, spread_row
from benchmarks.soak.lanes import Outcome
from benchmarks.soak.plan import LASTING, CallPlan, Leaving

TRACED_GROWTH_MIB: Final = 2.0
CLOSE_LIMIT_S: Final = 12.0
"""The longest that a call may take to be over: a stream that is being opened on a dead connection is waited for."""
_COUNTED: Final = ("tasks", "threads", "descriptors", "connections")
_UNPLANNED: Final = {
    Leaving.AT_THE_END: "completed",
    Leaving.HANGS_UP: "caller-hung-up",
    Leaving.IN_A_ROTATION: "caller-hung-up",
    Leaving.CANCELLED: "cancelled",
}


def checks(outcomes: Sequence[Outcome], halves: Sequence[Footprint], errors: Counter[str]) -> list[Check]:
    """Judge the calls. ``halves``: what the process held before them, after half of them, and afterwards."""
    return [*_call_checks(outcomes), *_footprint_checks(halves), *_error_checks(errors)]


def _call_checks(outcomes: Sequence[Outcome]) -> Iterator[Check]:
    stuck = sorted({outcome.stuck_at for outcome in outcomes if outcome.stuck_at})
    yield Check("calls that did not end by themselves", 0, "; ".join(stuck) or 0, not stuck)
    served = [one.end_reason == "completed" for one in outcomes if _is_to_be_served(one.plan)]
    yield equal("calls completed, of those who stayed and whose fault did not last", len(served), sum(served))
    yield equal(
        "records that end with call.ended", len(outcomes), sum(one.record_status == "ended" for one in outcomes)
    )
    yield equal("database rows with ended_at", len(outcomes), sum(one.row_has_ended for one in outcomes))
    closing = max((one.closing_s for one in outcomes if one.closing_s is not None), default=0.0)
    yield at_most("longest time from leaving to the end", CLOSE_LIMIT_S, closing, " s")


def _is_to_be_served(plan: CallPlan) -> bool:
    return plan.leaving is Leaving.AT_THE_END and plan.group != LASTING


def _footprint_checks(halves: Sequence[Footprint]) -> Iterator[Check]:
    before, half, end = halves
    for name in _COUNTED:
        yield at_most(f"{name} left over", 0, getattr(end, name) - getattr(before, name))
    traced = (end.traced_bytes - half.traced_bytes) / MIB
    yield at_most("allocated by Python in the second half", TRACED_GROWTH_MIB, traced, " MiB")


def _error_checks(errors: Counter[str]) -> Iterator[Check]:
    told = "; ".join(f"{error} ({times})" for error, times in errors.most_common(3))
    yield Check("errors that nobody took", 0, told or 0, not errors)


def tables(outcomes: Sequence[Outcome], halves: Sequence[Footprint], found: Sequence[Check]) -> list[Table]:
    """Lay out everything."""
    return [table_of(found), _groups(outcomes), _faults(outcomes), _times(outcomes), _footprints(halves)]


def _groups(outcomes: Sequence[Outcome]) -> Table:
    """How calls ended whose callers meant to stay, by the moment of the fault."""
    columns = ("fault", "calls", "left early", "stayed", "of these completed", "ended otherwise")
    groups = {one.plan.group: [other for other in outcomes if other.plan.group == one.plan.group] for one in outcomes}
    return Table("Calls", columns, tuple(_row(name, of) for name, of in sorted(groups.items())))


def _faults(outcomes: Sequence[Outcome]) -> Table:
    columns = ("fault", "calls", "left early", "stayed", "of these completed", "ended otherwise")
    names = sorted({_name(one.plan) for one in outcomes})
    rows = tuple(_row(name, [one for one in outcomes if _name(one.plan) == name]) for name in names)
    return Table("The same by fault", columns, rows)


def _row(name: str, of: Sequence[Outcome]) -> tuple[Cell, ...]:
    stayed = [one for one in of if one.plan.leaving is Leaving.AT_THE_END]
    otherwise = Counter(one.end_reason for one in of if one.end_reason != _UNPLANNED[one.plan.leaving])
    told = ", ".join(f"{reason}: {times}" for reason, times in sorted(otherwise.items()))
    completed = sum(one.end_reason == "completed" for one in stayed)
    return (name, len(of), len(of) - len(stayed), len(stayed), completed, told or None)


def _name(plan: CallPlan) -> str:
    return ", then ".join(plan.faults) or "none"


def _times(outcomes: Sequence[Outcome]) -> Table:
    rows = (
        spread_row(
            "a call that was completed", spread(one.seconds for one in outcomes if one.end_reason == "completed")
        ),
        spread_row("from leaving to the end", spread(one.closing_s for one in outcomes if one.closing_s is not None)),
    )
    return Table("Seconds", ("what", "p50", "p95", "max", "calls"), rows)


def _footprints(halves: Sequence[Footprint]) -> Table:
    rows = tuple(
        (
            name,
            one.tasks,
            one.threads,
            one.descriptors,
            one.connections,
            one.traced_bytes / MIB,
            one.rss_bytes / MIB,
        )
        for name, one in zip(("before", "after half of them", "after all"), halves, strict=True)
    )
    columns = ("when", "tasks", "threads", "files", "connections", "by Python, MiB", "resident, MiB")
    return Table("What the process holds", columns, rows)
