"""What the database keeps about a call: one row from its start to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call. Times are aware and in UTC; a call that never ended (a killed process) has no ``ended_at``."""

    id: str
    persona: str
    started_at: datetime
    caller_identity: str | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    record_path: str | None = None
    options: Mapping[str, JsonValue] = field(default_factory=dict)


class CallStore(Protocol):
    """Keeps calls. Every method commits before it returns and raises ``StoreError`` when it could not."""

    async def start(self, call: CallRow) -> None:
        """Note that a call began.

        Raises:
            StoreError: a call of that id is already there.
        """
        ...

    async def finish(self, call_id: str, *, ended_at: datetime, end_reason: str, record_path: str | None) -> None:
        """Note how a call ended; said twice, the later word counts.

        Raises:
            StoreError: no call of that id.
        """
        ...

    async def get(self, call_id: str) -> CallRow | None:
        """The call, or ``None`` when there is none of that id."""
        ...

    async def latest(self, limit: int, persona: str | None = None) -> Sequence[CallRow]:
        """The calls that began last, newest first; only those of ``persona`` when it is given."""
        ...
