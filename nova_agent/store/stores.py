"""All stores of the product over one database."""

from __future__ import annotations

from dataclasses import dataclass

from nova_agent.store.calls import CallStore
from nova_agent.store.database import Database
from nova_agent.store.sql import SqlCallStore, SqlSurveyStore
from nova_agent.store.surveys import SurveyStore


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The stores, as personas and tools use them; ``database`` is what :meth:`close` closes."""

    calls: CallStore
    surveys: SurveyStore
    database: Database | None = None

    async def close(self) -> None:
        """Close the database under the stores, if there is one."""
        if self.database is not None:
            await self.database.close()


async def open_stores(url: str) -> Stores:
    """Open the database and build every store over it.

    Raises:
        StoreError: see :meth:`Database.open`.
    """
    database = await Database.open(url)
    return Stores(calls=SqlCallStore(database), surveys=SqlSurveyStore(database), database=database)
