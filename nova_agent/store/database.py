"""The database: opened, migrated and handed out as short transactions, with a time limit on each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from nova_agent.errors import StoreError
from nova_agent.store import sqlite
from nova_agent.store.failures import explain, place
from nova_agent.store.migrate import migrate

OPERATION_SECONDS: Final = 10.0
"""How long one transaction may take, longer than SQLite's own wait for a lock."""

_EXAMPLE: Final = "sqlite+aiosqlite:///data/nova.db or postgresql+asyncpg://user@host/name"
_BACKENDS: Final = ("sqlite", "postgresql")
"""What the schema is written for: it needs partial unique indexes."""


class Database:
    """An open database at the newest revision of the schema."""

    def __init__(self, url: URL, engine: AsyncEngine) -> None:
        self._url = url
        self._engine = engine
        self._writer = engine.execution_options(**sqlite.WRITES)

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open the database, creating its folder and bringing its schema up to date first.

        Args:
            url: of SQLAlchemy, with an async driver; ``sqlite+aiosqlite:///relative.db`` or ``////absolute.db``.

        Raises:
            StoreError: it cannot be opened, reached, written or migrated; the message says where and what to do.
        """
        parsed = _parse(url)
        engine = _connectable(parsed)
        _make_folder(parsed)
        await migrate(parsed)
        return cls(parsed, engine)

    async def close(self) -> None:
        """Close every connection. The object is of no use afterwards."""
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads.

        Raises:
            StoreError: the database failed or did not answer within :data:`OPERATION_SECONDS`.
        """
        async with self._transaction(self._engine) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: committed when the block ends, rolled back when it raises.

        Raises:
            StoreError: the database failed or did not answer within :data:`OPERATION_SECONDS`.
        """
        async with self._transaction(self._writer) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            async with asyncio.timeout(OPERATION_SECONDS), engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise explain(self._url, error) from error


def _connectable(url: URL) -> AsyncEngine:
    """A new engine for the URL; it connects when it is first used.

    Raises:
        StoreError: the URL's driver is unknown, not installed or not asynchronous.
    """
    try:
        # Parameters are callers' answers: they must not stand in a traceback.
        engine = create_async_engine(url, hide_parameters=True)
    except (NoSuchModuleError, InvalidRequestError) as error:
        raise StoreError(f"the database driver {url.drivername!r} cannot be used: {error}. Use {_EXAMPLE}.") from error
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the database driver {url.drivername!r} needs the package {error.name!r}: install it."
        ) from error
    if url.get_backend_name() == "sqlite":
        sqlite.prepare(engine.sync_engine, busy_seconds=sqlite.BUSY_SECONDS)
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"{url!r} is not a database URL. Use {_EXAMPLE}.") from error
    if parsed.get_backend_name() not in _BACKENDS:
        raise StoreError(f"the database driver {parsed.drivername!r} is not supported. Use {_EXAMPLE}.")
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise StoreError(f"the database {url!r} lives in memory and would keep nothing. Name a file: {_EXAMPLE}.")
    return parsed


def _make_folder(url: URL) -> None:
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:"):
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise StoreError(
            f"the folder {folder} of the database {place(url)} cannot be made ({reason}). "
            "Choose a path whose parents are folders that this user may write to."
        ) from error
