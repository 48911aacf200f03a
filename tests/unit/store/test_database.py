"""Opening a database, and what is said when that cannot be."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from nova_agent.errors import StoreError
from nova_agent.store import Database, database, sqlite


def url(path: Path | str) -> str:
    return f"sqlite+aiosqlite:///{path}"


def put(file: Path, content: bytes, *, at: int = 0) -> None:
    with file.open("r+b" if file.exists() else "wb") as opened:
        opened.seek(at)
        opened.write(content)


def restrict(path: Path, mode: int) -> None:
    path.chmod(mode)


async def add_call(opened: Database, *, then_fail: bool = False) -> None:
    async with opened.writing() as connection:
        await connection.execute(text("INSERT INTO calls VALUES ('c1', 's', NULL, '2026-01-01', 0, 0, 0, '{}')"))
        if then_fail:
            raise ZeroDivisionError


async def refusal(of: str) -> str:
    """What opening this URL is refused with."""
    with pytest.raises(StoreError) as refused:
        await Database.open(of)
    return str(refused.value)


async def test_opening_makes_the_folder_and_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "nova.db"
    await (await Database.open(url(path))).close()
    assert path.is_file()


async def test_opening_again_keeps_what_is_there(file: Path) -> None:
    first = await Database.open(url(file))
    await add_call(first)
    await first.close()
    second = await Database.open(url(file))
    async with second.reading() as connection:
        assert (await connection.execute(text("SELECT id FROM calls"))).scalars().all() == ["c1"]
    await second.close()


async def test_a_commit_is_durable_and_keys_are_checked(file: Path) -> None:
    opened = await Database.open(url(file))
    async with opened.writing() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await opened.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


async def test_a_block_that_raises_writes_nothing(file: Path) -> None:
    opened = await Database.open(url(file))
    with pytest.raises(ZeroDivisionError):
        await add_call(opened, then_fail=True)
    async with opened.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM calls"))).scalar() == 0
    await opened.close()


async def test_a_failing_statement_is_a_store_error_without_its_words(file: Path) -> None:
    opened = await Database.open(url(file))
    with pytest.raises(StoreError, match="no such table") as refused:
        async with opened.reading() as connection:
            await connection.execute(text("SELECT * FROM nowhere WHERE a = :words"), {"words": "my secret"})
    await opened.close()
    assert str(file) in str(refused.value)
    assert "my secret" not in str(refused.value)


async def test_what_takes_too_long_is_a_store_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = await Database.open(url(file))
    monkeypatch.setattr(database, "OPERATION_SECONDS", 0.05)
    with pytest.raises(StoreError, match="did not answer in time"):
        async with opened.reading():
            await asyncio.Event().wait()
    await opened.close()


async def test_a_lock_held_by_another_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    opened = await Database.open(url(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another process"):
            await add_call(opened)
        async with opened.reading() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM calls")) == 0
    await opened.close()


async def test_a_file_that_is_no_database_is_named(file: Path) -> None:
    put(file, b"Dear diary, today I became a database. " * 50)
    message = await refusal(url(file))
    assert str(file) in message
    assert "is not a SQLite database" in message


async def test_a_damaged_database_is_named(file: Path) -> None:
    await (await Database.open(url(file))).close()
    put(file, b"\xa5" * 3996, at=100)
    message = await refusal(url(file))
    assert str(file) in message
    assert "is damaged" in message
    assert "backup" in message


async def test_a_folder_in_the_place_of_the_file_is_named(file: Path) -> None:
    message = await refusal(url(file.parent))
    assert str(file.parent) in message
    assert "cannot be opened" in message


async def test_a_file_in_the_place_of_the_folder_is_named(file: Path) -> None:
    put(file, b"I am a file")
    message = await refusal(url(file / "nova.db"))
    assert f"the folder {file}" in message
    assert "cannot be made" in message


async def test_a_database_of_a_newer_version_is_left_alone(file: Path) -> None:
    await (await Database.open(url(file))).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    message = await refusal(url(file))
    assert "'from-the-future'" in message
    assert "Update Nova Agent" in message


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("not a url", "is not a database URL"),
        ("oracle+oracledb://host/name", "is not supported"),
        ("nonsense://host/name", "nonsense"),
        ("sqlite:///nova.db", "sqlite+aiosqlite"),
        ("sqlite+nonsense:///nova.db", "sqlite+nonsense"),
        ("postgresql+asyncpg://user:secret@host/name", "asyncpg"),
        ("sqlite+aiosqlite://", "in memory"),
        ("sqlite+aiosqlite:///:memory:", "in memory"),
    ],
)
async def test_a_url_that_cannot_be_used_is_explained(wrong: str, said: str) -> None:
    message = await refusal(wrong)
    assert said in message
    assert "secret" not in message


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder, entered as a user to whom permissions mean something: root may do anything."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    (folder / "ours").mkdir()
    was_root = os.geteuid() == 0
    if was_root:
        shutil.chown(folder / "ours", 65534)
        os.seteuid(65534)
    yield folder / "ours"
    if was_root:
        os.seteuid(0)
    (folder / "ours").chmod(0o755)
    shutil.rmtree(folder)


async def test_a_read_only_file_is_named(public_folder: Path) -> None:
    file = public_folder / "nova.db"
    await (await Database.open(url(file))).close()
    restrict(file, 0o444)
    message = await refusal(url(file))
    assert str(file) in message
    assert "permission" in message


async def test_a_read_only_folder_is_named(public_folder: Path) -> None:
    restrict(public_folder, 0o555)
    message = await refusal(url(public_folder / "nova.db"))
    assert str(public_folder) in message
    assert "may write" in message


async def test_a_folder_that_cannot_be_made_is_named(public_folder: Path) -> None:
    restrict(public_folder, 0o555)
    message = await refusal(url(public_folder / "deeper" / "nova.db"))
    assert f"the folder {public_folder / 'deeper'}" in message
    assert "Permission denied" in message
