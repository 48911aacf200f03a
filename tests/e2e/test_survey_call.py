"""A whole survey call, spoken: synthetic caller, real plugin, real endpoint, real database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import nova_agent
from nova_agent.bootstrap import App
from nova_agent.call import Call
from nova_agent.calllog import read_record
from nova_agent.simulate.local_speech import caller_parts
from nova_agent.simulate.runner import local_app, run_against
from nova_agent.simulate.scenario import ScenarioResult
from nova_agent.simulate.script import load_script
from settings import Settings, load
from tests.fakes.stock import StockApp

SCENARIOS = Path(__file__).parents[1] / "scenarios" / "open"
RECORD_SCHEMA = Path(nova_agent.__file__).parent / "schemas" / "call_record.schema.json"
SPEED = 3.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    base = load()
    return base.model_copy(
        update={
            "store": base.store.model_copy(update={"url": f"sqlite+aiosqlite:///{tmp_path}/nova.db"}),
            "record": base.record.model_copy(update={"directory": tmp_path / "calls"}),
            "local": base.local.model_copy(update={"ca_directory": tmp_path / "ca"}),
        }
    )


async def hold(settings: Settings, scenario: str, app_like: Any = lambda app: app) -> tuple[ScenarioResult, Path]:
    """Hold one scenario's call; returns what came of it and where its record is."""
    script = load_script(SCENARIOS / f"{scenario}.yaml").model_copy(update={"speed": SPEED})
    calls: list[Call] = []
    async with caller_parts() as parts, local_app(settings, speed=SPEED) as app:
        result = await run_against(app_like(app), script, parts, on_call=calls.append)
    return result, calls[0].record.path


async def test_the_stock_plugin_holds_the_same_call(settings: Settings) -> None:
    result, _ = await hold(settings, "satisfaction-cooperative", StockApp.like)
    assert result.passed, (result.failure, result.findings, result.conversation)
    assert result.end_reason == "completed"


async def test_a_call_leaves_a_record_that_validates_and_adds_up(settings: Settings) -> None:
    def strict(app: App) -> App:
        object.__setattr__(app, "strict_records", True)
        return app

    result, path = await hold(settings, "satisfaction-interrupts", strict)
    assert result.passed, (result.failure, result.findings, result.conversation)

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    schema = json.loads(RECORD_SCHEMA.read_text())
    for line in lines:
        jsonschema.validate(line, schema)
    events = [line["event"] for line in lines]
    summary = lines[-1]["summary"]
    assert events[0] == "call.started"
    assert events[-1] == "call.ended"
    assert read_record(path).status == "ended"
    assert summary["end_reason"] == "completed"
    assert summary["turns"] == {"user": events.count("turn.user"), "agent": events.count("turn.agent")}
    assert summary["answers"]["recorded"] == events.count("answer.recorded") > 0
    assert summary["interruptions"] >= 1
    assert summary["first_audio_ms"]["count"] > 0
    assert summary["tokens"]["input_speech"] > 0


async def test_an_interrupted_turn_is_recorded_as_far_as_it_was_heard(settings: Settings) -> None:
    result, path = await hold(settings, "satisfaction-interrupts")
    turns = [json.loads(line) for line in path.read_text().splitlines() if '"turn.agent"' in line]
    cut = [turn["text"] for turn in turns if turn["interrupted"]]
    whole = [turn["text"] for turn in turns if not turn["interrupted"]]
    assert result.passed, (result.failure, result.findings)
    assert cut
    # One may happen to be cut between two sentences.
    assert any(not text.rstrip().endswith(("?", ".")) for text in cut), cut
    assert any(text.rstrip().endswith("?") for text in whole)
