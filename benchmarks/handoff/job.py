"""What the process of a cell is told, and what it tells: JSON on standard input and standard output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Column = Literal["ours", "stock"]
COLUMNS: Final[tuple[Column, ...]] = ("ours", "stock")
REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class Job:
    """One call in which the caller is handed over so many times."""

    column: Column
    endpoint_url: str
    ca_bundle: str
    handoffs: int


@dataclass(frozen=True, slots=True)
class CallHeld:
    """The silence of each handoff, in order, and what was said."""

    silences_ms: list[int]
    said: list[str]
