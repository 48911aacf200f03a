"""Conditions that a measurement has to meet, as a table, and whether it met them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.report import Cell, Table


@dataclass(frozen=True, slots=True)
class Check:
    """One condition. ``wanted`` and ``found`` are for people."""

    what: str
    wanted: Cell
    found: Cell
    holds: bool


def equal(what: str, wanted: int, found: int) -> Check:
    """A figure that has to be exactly this."""
    return Check(what, wanted, found, found == wanted)


def at_most(what: str, limit: float, found: float, unit: str = "") -> Check:
    """A figure that must not be larger."""
    digits = 0 if isinstance(found, int) else 2
    return Check(what, f"at most {limit:g}{unit}", f"{found:.{digits}f}{unit}", found <= limit)


def at_least(what: str, limit: int, found: int) -> Check:
    """A figure that must not be smaller: without it nothing has been shown."""
    return Check(what, f"at least {limit}", found, found >= limit)


def table_of(checks: Iterable[Check], title: str = "Conditions") -> Table:
    """Lay them out."""
    rows = tuple((check.what, check.wanted, check.found, "yes" if check.holds else "**no**") for check in checks)
    return Table(title, ("what", "wanted", "found", "met"), rows)
