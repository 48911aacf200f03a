"""Brings a database's schema to the newest revision, one process at a time and off the event loop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, NullPool, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from nova_agent.errors import StoreError
from nova_agent.store import sqlite
from nova_agent.store.failures import explain, place

OPEN_SECONDS: Final = 15.0
"""How long connecting and migrating may take, waiting for another process that migrates included."""

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 7_038_201  # any number that no other user of the same PostgreSQL database locks


async def migrate(url: URL) -> None:
    """Migrate to the newest revision, in a thread.

    Raises:
        StoreError: the database cannot be reached or written, is damaged, or was migrated by a newer version.
    """
    try:
        if url.get_backend_name() == "sqlite":
            await asyncio.to_thread(_migrate_sqlite, url)
        else:
            await asyncio.to_thread(asyncio.run, _migrate_server(url))
    except (SQLAlchemyError, OSError) as error:
        raise explain(url, error) from error


def _migrate_sqlite(url: URL) -> None:
    """With the driver that needs no event loop: aiosqlite leaves a thread behind when it cannot connect (0.22)."""
    engine = create_engine(url.set(drivername="sqlite"), poolclass=NullPool)
    sqlite.prepare(engine, busy_seconds=OPEN_SECONDS)
    event.listen(engine, "connect", lambda opened, _: sqlite.enter_wal(opened, within_seconds=OPEN_SECONDS))
    with engine.execution_options(**sqlite.WRITES).begin() as connection:
        _upgrade(connection, url)


async def _migrate_server(url: URL) -> None:
    """With an event loop of the thread's own, because Alembic is synchronous and would block the caller's."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with asyncio.timeout(OPEN_SECONDS), engine.begin() as connection:
        await connection.run_sync(_upgrade, url)


def _upgrade(connection: Connection, url: URL) -> None:
    # On SQLite the transaction itself holds the write lock, see sqlite.py.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    _refuse_newer(connection, ScriptDirectory.from_config(config), url)
    command.upgrade(config, "head")
    # A database that cannot be written would be noticed only when the first answer is lost.
    connection.execute(text("UPDATE alembic_version SET version_num = version_num WHERE 1 = 0"))


def _refuse_newer(connection: Connection, directory: ScriptDirectory, url: URL) -> None:
    for revision in MigrationContext.configure(connection).get_current_heads():
        try:
            directory.get_revision(revision)
        except CommandError as error:
            raise StoreError(
                f"the database {place(url)} is at revision {revision!r}, which this version does not know: "
                "a newer version of Nova Agent has migrated it. Update Nova Agent, or use another database."
            ) from error
