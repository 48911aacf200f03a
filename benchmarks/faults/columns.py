"""The clients that are compared: what each is, and the process that holds its call."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_PIPECAT: Final = ROOT / ".cache" / "clients" / "pipecat" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Column:
    """A client. ``interpreter`` runs ``module`` in the root of the checkout; where a fault lasts, ``lasting``."""

    name: str
    title: str
    module: str = "benchmarks.faults.livekit_call"
    interpreter: Path = Path(sys.executable)
    lasting: str | None = None

    @property
    def missing(self) -> str | None:
        """What it takes to run this client here, or ``None``."""
        if self.interpreter.exists():
            return None
        return f'{self.name} needs {self.interpreter.relative_to(ROOT)}, which "make clients" makes'


COLUMNS: Final = {
    column.name: column
    for column in (
        Column("ours", "ours", lasting="benchmarks.faults.product_call"),
        Column("stock", "stock plugin"),
        Column("fallback", "stock plugin, fallback adapter"),
        Column("pipecat", "pipecat", "benchmarks.faults.pipecat_call", _PIPECAT),
    )
}
