"""Turns what database drivers raise into a ``StoreError`` that names the place and the remedy."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nova_agent.errors import StoreError

_SQLITE: Final = {
    "SQLITE_CORRUPT": "is damaged. Restore it from a backup, or move it away and start with a new one",
    "SQLITE_NOTADB": "is not a SQLite database. Point the setting at another file, or move this one away",
    "SQLITE_READONLY": "cannot be written. Give this user write permission to the file and to its folder",
    "SQLITE_CANTOPEN": "cannot be opened. Check that its folder exists and that this user may write there",
    "SQLITE_PERM": "cannot be opened. Give this user read and write permission to the file and to its folder",
    "SQLITE_BUSY": "is locked by another process. Stop what holds it (a backup, a database browser) and try again",
    "SQLITE_FULL": "cannot grow because the disk is full. Free some space",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error. Check the disk and the file system",
}


def place(url: URL) -> str:
    """Where the database is, fit for a message: a file's path, or the URL without its password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def explain(url: URL, error: Exception) -> StoreError:
    """The ``StoreError`` for an exception of SQLAlchemy or of a driver."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    name = _sqlite_code(origin)
    if name in _SQLITE:
        return StoreError(f"the database {place(url)} {_SQLITE[name]} ({origin}).")
    if isinstance(error, TimeoutError):
        return StoreError(f"the database {place(url)} did not answer in time. Check that it is up and not locked.")
    if isinstance(origin, OSError):
        return StoreError(f"the database {place(url)} cannot be reached ({origin}). Check the address and the network.")
    return StoreError(f"the database {place(url)} refused the operation: {_first_line(error, origin)}")


def _sqlite_code(origin: BaseException | None) -> str:
    """The primary result code's name, for instance ``SQLITE_READONLY`` for ``SQLITE_READONLY_DBMOVED``."""
    if not isinstance(origin, sqlite3.Error):
        return ""
    full = getattr(origin, "sqlite_errorname", "") or ""
    return "_".join(full.split("_")[:2])


def _first_line(error: Exception, origin: BaseException | None) -> str:
    """Without the SQL and its parameters, which hold callers' words."""
    text = str(origin if isinstance(error, SQLAlchemyError) and origin is not None else error)
    return text.partition("\n")[0]
