"""How we use SQLite: what every connection is told first, and which lock a transaction takes."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

WRITES: Final[dict[str, Any]] = {"nova_writes": True}
"""Execution option of engines whose transactions write."""

_PRAGMAS: Final = (
    "PRAGMA busy_timeout = 5000",  # milliseconds to wait for another writer
    "PRAGMA journal_mode = WAL",  # readers and one writer at the same time; kept in the file
    "PRAGMA synchronous = FULL",  # a commit is on the disk before it returns: it survives a power cut
    "PRAGMA foreign_keys = ON",
)


def prepare(engine: AsyncEngine) -> None:
    """Make every connection of ``engine`` durable and its transactions explicit."""
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)


def _on_connect(connection: Any, _record: Any) -> None:
    # Otherwise the driver begins transactions itself, late and deferred, and none at all around DDL
    # (https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable).
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_begin(connection: Connection) -> None:
    # A writer takes the lock at once: a deferred transaction that turns to writing fails without waiting
    # when another has written meanwhile (https://www.sqlite.org/isolation.html).
    writes = "nova_writes" in connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
