from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from nova_agent.errors import SonicError
from nova_agent.simulate.caller import Heard, Said
from nova_agent.simulate.line import Line
from nova_agent.simulate.recorder import read_channels
from nova_agent.simulate.scenario import AnsweredCall, ScenarioResult, response_times, run_scenario
from nova_agent.simulate.script import Expectation, Script

SCRIPT = Script.model_validate(
    {"name": "polite", "persona": "survey", "steps": [{"when": "how likely", "say": "nine"}]}
)


class FakeCallee:
    """Asks one question and hangs up by returning."""

    def __init__(self, make_agent: Any, question: str = "How likely is it?", failure: Exception | None = None) -> None:
        self.make_agent, self.question, self.failure = make_agent, question, failure
        self.heard: list[str] = []

    async def answer(self, script: Script, line: Line) -> AnsweredCall:
        if self.failure:
            raise self.failure
        agent = self.make_agent(line, [self.question, "Bye."])
        await asyncio.gather(agent.run(), line.wait_ended())
        self.heard = agent.heard
        return AnsweredCall("call-1", "completed", (self.question, "Bye."))


async def no_findings(expect: Expectation, call_id: str) -> list[str]:
    return []


async def run(callee: FakeCallee, speech: Any, clock: Any, **changed: Any) -> ScenarioResult:
    return await run_scenario(SCRIPT, callee, speech, speech, changed.pop("grade", no_findings), clock=clock, **changed)


async def test_a_good_call_passes(make_agent: Any, speech: Any, clock: Any) -> None:
    callee = FakeCallee(make_agent)
    result = await run(callee, speech, clock)
    assert (result.passed, result.failure, result.call_id) == (True, None, "call-1")
    assert callee.heard == ["nine"]
    assert [entry.text for entry in result.conversation] == ["How likely is it?", "nine", "Bye."]
    assert 300 <= result.response_ms[0] <= 400


async def test_a_result_is_json(make_agent: Any, speech: Any, clock: Any) -> None:
    result = await run(FakeCallee(make_agent), speech, clock)
    assert json.loads(json.dumps(dataclasses.asdict(result)))["conversation"][0]["text"] == "How likely is it?"


async def test_findings_in_the_database_fail_the_scenario(make_agent: Any, speech: Any, clock: Any) -> None:
    async def grade(expect: Expectation, call_id: str) -> list[str]:
        return [f"{call_id}: wrong"]

    result = await run(FakeCallee(make_agent), speech, clock, grade=grade)
    assert (result.passed, result.failure, result.findings) == (False, None, ("call-1: wrong",))


async def test_a_caller_that_gives_up_hangs_up_and_says_why(make_agent: Any, speech: Any, clock: Any) -> None:
    result = await run(FakeCallee(make_agent, question="Nice weather."), speech, clock)
    assert not result.passed
    assert "step 1 was not called for" in (result.failure or "")
    assert result.call_id == "call-1"


@pytest.mark.parametrize("failure", [SonicError("no endpoint"), RuntimeError("bug")])
async def test_an_agent_that_does_not_pick_up_fails_the_scenario(
    make_agent: Any, speech: Any, clock: Any, failure: Exception
) -> None:
    result = await run(FakeCallee(make_agent, failure=failure), speech, clock)
    assert not result.passed
    assert str(failure) in (result.failure or "")


async def test_the_call_is_recorded(make_agent: Any, speech: Any, clock: Any, tmp_path: Path) -> None:
    result = await run(FakeCallee(make_agent), speech, clock, recording=tmp_path / "polite.wav")
    caller, agent, rate_hz = read_channels(tmp_path / "polite.wav")
    assert caller.size * 1000 / rate_hz == result.line_ms
    assert caller.any()
    assert agent.any()


def test_response_times_leave_out_what_overlaps() -> None:
    conversation = [
        Heard(0, 1_000, "question"),
        Said(1, 1_500, 2_000, "answer", over_agent=False),
        Heard(2_600, 4_000, "next"),
        Said(2, 3_000, 3_500, "stop", over_agent=True),
    ]
    assert response_times(conversation) == [600]
