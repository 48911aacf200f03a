"""How we use SQLite: what every connection is told first, and which lock a transaction takes."""

from __future__ import annotations

import sqlite3
import time
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

WRITES: Final[dict[str, Any]] = {"nova_writes": True}
"""Execution option of engines whose transactions write."""

BUSY_SECONDS: Final = 5.0
"""How long a transaction waits for another writer."""

_RETRY_SECONDS: Final = 0.02

_PRAGMAS: Final = (
    "synchronous = FULL",  # a commit is on the disk before it returns: it survives a power cut
    "foreign_keys = ON",
)


def prepare(engine: Engine, *, busy_seconds: float) -> None:
    """Make every connection of ``engine`` durable and its transactions explicit."""

    # Without an isolation level the driver begins no transactions itself; it would do so late and deferred
    # (https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable).
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout = {round(busy_seconds * 1000)}", *_PRAGMAS):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", _on_begin)


def enter_wal(connection: sqlite3.Connection, *, within_seconds: float) -> None:
    """Let readers and one writer work at the same time; the file itself remembers it.

    While another process does the same to a new file, SQLite reports "locked" at once and does not wait as long
    as ``busy_timeout`` says (seen with 3.40), so this tries again.

    Raises:
        sqlite3.OperationalError: the file is still locked after ``within_seconds``, or cannot be written.
    """
    deadline = time.monotonic() + within_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _on_begin(connection: Connection) -> None:
    # A writer takes the lock at once: a deferred transaction that turns to writing fails without waiting
    # when another has written meanwhile (https://www.sqlite.org/isolation.html).
    writes = "nova_writes" in connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
