"""Every store behind the ports: the database and the fakes are held to the same suites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nova_agent.store import Stores, open_stores
from tests.fakes.store import fake_stores


@pytest.fixture(params=["sqlite", "fake"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    """All stores, empty."""
    if request.param == "fake":
        yield fake_stores()
        return
    opened = await open_stores(f"sqlite+aiosqlite:///{tmp_path / 'nova.db'}")
    yield opened
    await opened.close()
