"""What tests of call records are made with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from nova_agent.calllog import CallRecord, Level

NOON = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)


@dataclass
class FakeClock:
    """Stands still at noon until it is told to move."""

    elapsed_s: float = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.elapsed_s)

    def monotonic(self) -> float:
        return self.elapsed_s


class NewRecord(Protocol):
    """Begins a record in the test's folder."""

    def __call__(self, call_id: str = ..., *, level: Level = ..., strict: bool = ...) -> CallRecord: ...
