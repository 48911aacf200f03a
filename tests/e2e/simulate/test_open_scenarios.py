"""Scripted callers phone the whole product, offline: real personas, real database, Local Sonic, real speech."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_agent.simulate.runner import run_scenarios
from nova_agent.simulate.script import load_script
from settings import Settings
from settings.model import RecordSettings, StoreSettings

OPEN = Path(__file__).parents[2] / "scenarios" / "open"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        store=StoreSettings(url=f"sqlite+aiosqlite:///{tmp_path}/nova.db"),
        record=RecordSettings(directory=tmp_path / "calls"),
    )


@pytest.mark.scenario
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", sorted(OPEN.glob("*.yaml")), ids=lambda path: path.stem)
async def test_the_call_leaves_the_rows_that_its_script_expects(path: Path, settings: Settings) -> None:
    (result,) = await run_scenarios([load_script(path)], settings)
    assert result.failure is None
    assert list(result.findings) == []
    assert result.dropped_slots == 0
