from __future__ import annotations

import json
from io import StringIO
from typing import Any

from rich.console import Console

from nova_agent.simulate.caller import Heard, Said
from nova_agent.simulate.report import failures, results_json, results_table
from nova_agent.simulate.scenario import ScenarioResult


def result(name: str, **changed: Any) -> ScenarioResult:
    fields: dict[str, Any] = {
        "passed": True,
        "failure": None,
        "findings": (),
        "response_ms": (400, 900, 500),
        "conversation": (Heard(0, 900, "Hello?"), Said(1, 1_200.0, 1_900.0, "[quietly] Yes.", over_agent=False)),
    } | changed
    call = {"persona": "survey", "call_id": "c", "end_reason": "completed"}
    return ScenarioResult(name=name, **call, line_ms=12_340, wall_s=6.2, dropped_slots=0, **fields)


def shown(*results: ScenarioResult) -> str:
    console = Console(width=160, record=True, file=StringIO())
    console.print(results_table(results))
    return console.export_text()


def test_every_failure_names_its_scenario() -> None:
    bad = result("bad", passed=False, failure="step 2 [was] late", findings=("nps: expected 8",))
    assert failures([result("good"), bad]) == ["bad: step 2 [was] late", "bad: nps: expected 8"]


def test_the_table_counts_what_passed() -> None:
    text = shown(result("good"), result("bad", passed=False))
    assert "1 of 2 scenarios passed" in text
    assert "12.3 s" in text
    assert "500 ms" in text


def test_a_call_without_answers_has_no_response_time() -> None:
    assert result("short", response_ms=()).median_response_ms is None
    assert "–" in shown(result("short", response_ms=()))


def test_the_json_holds_the_conversations() -> None:
    data = json.loads(json.dumps(results_json([result("good"), result("bad", passed=False)])))
    assert data["passed"] == 1
    assert data["scenarios"][0]["median_response_ms"] == 500
    assert data["scenarios"][0]["conversation"][1]["text"] == "[quietly] Yes."
