"""Brings a database's schema to the newest revision, one process at a time and off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from nova_agent.errors import StoreError
from nova_agent.store import sqlite
from nova_agent.store.failures import explain, place

OPEN_SECONDS: Final = 30.0
"""How long connecting and migrating may take, waiting for another process that migrates included."""

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 7_038_201  # any number that no other user of the same PostgreSQL database locks


async def migrate(url: URL, make_engine: Callable[[], AsyncEngine]) -> None:
    """Migrate to the newest revision, in a thread with an event loop of its own.

    Args:
        url: for messages.
        make_engine: makes the engine to migrate with; it is called and disposed of in that thread.

    Raises:
        StoreError: the database cannot be reached, is damaged, or was migrated by a newer version.
    """
    try:
        await asyncio.to_thread(asyncio.run, _migrate(url, make_engine))
    except (SQLAlchemyError, OSError) as error:
        raise explain(url, error) from error


async def _migrate(url: URL, make_engine: Callable[[], AsyncEngine]) -> None:
    engine = make_engine()
    try:
        async with asyncio.timeout(OPEN_SECONDS), engine.execution_options(**sqlite.WRITES).begin() as connection:
            await connection.run_sync(_upgrade, url)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, url: URL) -> None:
    # On SQLite the transaction itself holds the write lock, see sqlite.py.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    _refuse_newer(connection, ScriptDirectory.from_config(config), url)
    command.upgrade(config, "head")


def _refuse_newer(connection: Connection, directory: ScriptDirectory, url: URL) -> None:
    for revision in MigrationContext.configure(connection).get_current_heads():
        try:
            directory.get_revision(revision)
        except CommandError as error:
            raise StoreError(
                f"the database {place(url)} is at revision {revision!r}, which this version does not know: "
                "a newer version of Nova Agent has migrated it. Update Nova Agent, or use another database."
            ) from error
