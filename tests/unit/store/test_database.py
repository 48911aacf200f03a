"""Opening a database, and what is said when that cannot be."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from nova_agent.errors import StoreError
from nova_agent.store import Database, database
from nova_agent.store.sqlite import WRITES


def url(path: Path | str) -> str:
    return f"sqlite+aiosqlite:///{path}"


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
    async with first.writing() as connection:
        await connection.execute(text("INSERT INTO calls VALUES ('c1', 's', NULL, '2026-01-01', 0, 0, 0, '{}')"))
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
        async with opened.writing() as connection:
            await connection.execute(text("INSERT INTO calls VALUES ('c1', 's', NULL, '2026-01-01', 0, 0, 0, '{}')"))
            raise ZeroDivisionError
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
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="did not answer in time"):
        async with opened.writing():
            pytest.fail("the lock is held by another")
    holder.close()
    await opened.close()


async def test_a_file_that_is_no_database_is_named(file: Path) -> None:
    file.write_text("Dear diary, today I became a database. " * 50)
    message = await refusal(url(file))
    assert str(file) in message
    assert "is not a SQLite database" in message


async def test_a_damaged_database_is_named(file: Path) -> None:
    await (await Database.open(url(file))).close()
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xa5" * 3996
    file.write_bytes(content)
    message = await refusal(url(file))
    assert str(file) in message
    assert "is damaged" in message
    assert "backup" in message


async def test_a_folder_in_the_place_of_the_file_is_named(file: Path) -> None:
    file.mkdir()
    message = await refusal(url(file))
    assert str(file) in message
    assert "cannot be opened" in message


async def test_a_file_in_the_place_of_the_folder_is_named(file: Path) -> None:
    file.write_text("I am a file")
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
async def test_a_url_that_cannot_be_used_is_explained(
    wrong: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    message = await refusal(wrong)
    assert said in message
    assert "secret" not in message
    assert list(tmp_path.iterdir()) == []


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
    file.chmod(0o444)
    message = await refusal(url(file))
    assert str(file) in message
    assert "permission" in message


async def test_a_read_only_folder_is_named(public_folder: Path) -> None:
    public_folder.chmod(0o555)
    message = await refusal(url(public_folder / "nova.db"))
    assert str(public_folder) in message
    assert "may write" in message


async def test_a_folder_that_cannot_be_made_is_named(public_folder: Path) -> None:
    public_folder.chmod(0o555)
    message = await refusal(url(public_folder / "deeper" / "nova.db"))
    assert f"the folder {public_folder / 'deeper'}" in message
    assert "Permission denied" in message


def test_only_writers_take_the_write_lock_at_once() -> None:
    assert WRITES == {"nova_writes": True}
