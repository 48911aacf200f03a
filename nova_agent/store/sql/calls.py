"""Calls over SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, Column, Index, RowMapping, String, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from nova_agent.errors import StoreError
from nova_agent.store.calls import CallRow, CallStore
from nova_agent.store.database import Database
from nova_agent.store.sql.schema import UtcDateTime, metadata

calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    Column("persona", String, nullable=False),
    Column("caller_identity", String),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("end_reason", String),
    Column("record_path", String),
    Column("options", JSON, nullable=False),
)
Index(None, calls.c.started_at)


class SqlCallStore(CallStore):
    """Keeps calls in the ``calls`` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, call: CallRow) -> None:
        row = {
            "id": call.id,
            "persona": call.persona,
            "caller_identity": call.caller_identity,
            "started_at": call.started_at,
            "ended_at": call.ended_at,
            "end_reason": call.end_reason,
            "record_path": call.record_path,
            "options": dict(call.options),
        }
        async with self._database.writing() as connection:
            try:
                await connection.execute(insert(calls).values(row))
            except IntegrityError as error:
                raise StoreError(
                    f"the call {call.id!r} is already in the database; every call needs an id of its own"
                ) from error

    async def finish(self, call_id: str, *, ended_at: datetime, end_reason: str, record_path: str | None) -> None:
        change = update(calls).where(calls.c.id == call_id)
        change = change.values(ended_at=ended_at, end_reason=end_reason, record_path=record_path)
        async with self._database.writing() as connection:
            result = await connection.execute(change)
            if result.rowcount == 0:
                raise StoreError(f"there is no call {call_id!r} in the database to finish")

    async def get(self, call_id: str) -> CallRow | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(calls).where(calls.c.id == call_id))).mappings().one_or_none()
        return None if row is None else _call(row)

    async def latest(self, limit: int, persona: str | None = None) -> Sequence[CallRow]:
        query = select(calls).order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(limit)
        if persona is not None:
            query = query.where(calls.c.persona == persona)
        async with self._database.reading() as connection:
            return [_call(row) for row in (await connection.execute(query)).mappings()]


def _call(row: RowMapping) -> CallRow:
    return CallRow(**row)
