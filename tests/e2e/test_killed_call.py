"""A process that is killed in mid-call loses nothing that it had confirmed, and the caller can go on."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nova_agent.calllog import call_record_schema
from nova_agent.store import RunStatus, SurveyRun
from tests.fakes.command import LIMIT_S, Command, Ran

Run = Callable[..., Ran]

SCRIPT = Path(__file__).parents[1] / "scenarios" / "open" / "satisfaction-cooperative.yaml"
CONFIRMED = 3
"""Answers after which the process is killed."""


@dataclass(frozen=True)
class Kept:
    """What the database has of a call: its run, and the current answers."""

    run: SurveyRun
    answers: dict[str, Any]


def talk_until_confirmed(process: subprocess.Popen[str], answers: int) -> None:
    """Read along until the agent speaks again after so many answers were recorded, so their tools have returned."""
    assert process.stdout is not None
    recorded = 0
    for line in process.stdout:
        recorded += "· recorded: " in line
        if recorded >= answers and "agent " in line:
            return
    pytest.fail(f"the call was over, or hung, after {recorded} answers")


@pytest.fixture
def killed(nova: Command) -> Command:
    """A folder in which a call was killed after its third answer."""
    with nova.start("call", "survey", "--caller", SCRIPT, "--speed", "4") as process:
        watchdog = Timer(LIMIT_S, process.kill)
        watchdog.start()
        try:
            talk_until_confirmed(process, CONFIRMED)
        finally:
            watchdog.cancel()
            process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return nova


def shown(nova_here: Run, *arguments: str) -> Any:
    ran = nova_here("calls", *arguments, "--json")
    assert ran.exit_code == 0, ran
    return json.loads(ran.out)


def test_a_killed_call_keeps_what_was_confirmed_and_can_be_gone_on_with(killed: Command, nova_here: Run) -> None:
    (head,) = shown(nova_here, "list")
    record = shown(nova_here, "show", "last")
    assert (head["status"], head["summary"]) == ("interrupted", None)
    assert record["status"] == "interrupted"
    assert "interrupted: the record stops here" in nova_here("calls", "show", "last").out

    assert_every_line_is_valid(killed.folder / head["path"])
    confirmed = confirmed_answers(record["events"])
    assert len(confirmed) >= CONFIRMED
    cut_off = asyncio.run(kept(killed, head["call_id"]))
    assert cut_off.run.status is RunStatus.IN_PROGRESS
    assert confirmed.items() <= cut_off.answers.items()

    again = nova_here("call", "survey", "--identity", record["events"][0]["caller_identity"])
    assert again.exit_code == 0, again
    assert "Welcome back" in again.out
    gone_on = asyncio.run(kept(killed, shown(nova_here, "list")[0]["call_id"]))
    assert gone_on.run.id == cut_off.run.id
    assert confirmed.items() <= gone_on.answers.items()


def assert_every_line_is_valid(path: Path) -> None:
    validator = Draft202012Validator(call_record_schema())
    lines = path.read_bytes().splitlines(keepends=True)
    assert lines[-1].endswith(b"\n")
    for line in lines:
        validator.validate(json.loads(line))


def confirmed_answers(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Question and value of each answer whose tool has returned, which is what the caller was told."""
    returned = max(position for position, event in enumerate(events) if event["event"] == "tool.returned")
    return {event["question_id"]: event["value"] for event in events[:returned] if event["event"] == "answer.recorded"}


async def kept(nova: Command, call_id: str) -> Kept:
    stores = await nova.open_stores()
    (run,) = await stores.surveys.runs_of_call(call_id)
    rows = await stores.surveys.answers(run.id)
    await stores.close()
    return Kept(run, {row.question_id: row.value for row in rows})
