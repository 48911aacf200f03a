"""The migration scripts: they lead to the tables of the code, one process at a time."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from nova_agent.store import Database, open_stores
from nova_agent.store.sql import metadata

OPEN_AND_CLOSE = """
import asyncio, sys
from nova_agent.store import Database
async def main():
    await (await Database.open(sys.argv[1])).close()
asyncio.run(main())
"""


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_scripts_lead_to_the_tables_of_the_code(file: Path) -> None:
    await (await Database.open(f"sqlite+aiosqlite:///{file}")).close()
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert differences(connection) == []
        connection.exec_driver_sql("ALTER TABLE calls ADD COLUMN surplus TEXT")
        assert differences(connection) != []
    engine.dispose()


async def test_the_database_allows_one_current_answer_to_a_question(file: Path) -> None:
    await (await Database.open(f"sqlite+aiosqlite:///{file}")).close()
    insert = "INSERT INTO answers (run_id, question_id, position, status, recorded_at, superseded_at) VALUES "
    with sqlite3.connect(file) as connection:
        connection.execute(insert + "('r', 'q', 1, 'answered', '2026-01-01', '2026-01-02')")
        connection.execute(insert + "('r', 'q', 1, 'answered', '2026-01-02', NULL)")
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute(insert + "('r', 'q', 1, 'answered', '2026-01-03', NULL)")


def test_postgresql_gets_the_same_rule() -> None:
    (rule,) = (index for index in metadata.tables["answers"].indexes if index.unique)
    statement = str(CreateIndex(rule).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    assert statement.startswith("CREATE UNIQUE INDEX uq_answers_current")
    assert statement.endswith("WHERE superseded_at IS NULL")


async def test_stores_opened_at_once_in_one_process_do_not_collide(file: Path) -> None:
    opened = await asyncio.gather(*(open_stores(f"sqlite+aiosqlite:///{file}") for _ in range(8)))
    for stores in opened:
        assert await stores.calls.latest(1) == []
        await stores.close()


async def test_processes_that_open_at_once_do_not_collide(file: Path) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", OPEN_AND_CLOSE, f"sqlite+aiosqlite:///{file}", stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    async with asyncio.timeout(60):
        outputs = [await process.communicate() for process in processes]
    assert [(process.returncode, stderr) for process, (_, stderr) in zip(processes, outputs, strict=True)] == [
        (0, b"")
    ] * 3
    with sqlite3.connect(file) as connection:
        assert len(connection.execute("SELECT version_num FROM alembic_version").fetchall()) == 1
