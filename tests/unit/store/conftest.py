"""A place for a database."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a database may be; there is none yet."""
    return tmp_path / "nova.db"
