"""A process that is killed in mid-call loses nothing that it had confirmed, and the caller can go on."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nova_agent.calllog import call_record_schema
from nova_agent.store import RunStatus
from tests.fakes.command import LIMIT_S, Command

SCRIPT = Path(__file__).parents[1] / "scenarios" / "open" / "satisfaction-cooperative.yaml"
CONFIRMED = 3
"""Answers after which the process is killed."""


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


def shown(nova: Command, *arguments: str) -> Any:
    ran = nova.run("calls", *arguments, "--json")
    assert ran.exit_code == 0, ran
    return json.loads(ran.out)


async def test_a_killed_call_keeps_what_was_confirmed_and_can_be_gone_on_with(killed: Command) -> None:
    (head,) = shown(killed, "list")
    record = shown(killed, "show", "last")
    assert (head["status"], head["summary"]) == ("interrupted", None)
    assert record["status"] == "interrupted"
    assert "interrupted: the record stops here" in killed.run("calls", "show", "last").out

    assert_every_line_is_valid(killed.folder / head["path"])
    confirmed = confirmed_answers(record["events"])
    assert len(confirmed) >= CONFIRMED
    run_id = await assert_kept(killed, head["call_id"], confirmed)

    identity = record["events"][0]["caller_identity"]
    again = killed.run("call", "survey", "--identity", identity)
    assert again.exit_code == 0, again
    assert "Welcome back" in again.out
    await assert_same_run(killed, run_id, confirmed)


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


async def assert_kept(nova: Command, call_id: str, confirmed: dict[str, Any]) -> str:
    stores = await nova.open_stores()
    (run,) = await stores.surveys.runs_of_call(call_id)
    rows = {row.question_id: row.value for row in await stores.surveys.answers(run.id)}
    await stores.close()
    assert run.status is RunStatus.IN_PROGRESS
    assert confirmed.items() <= rows.items()
    return run.id


async def assert_same_run(nova: Command, run_id: str, confirmed: dict[str, Any]) -> None:
    """The next call took up the run that was cut off, with its answers."""
    (latest, _) = shown(nova, "list")
    stores = await nova.open_stores()
    (run,) = await stores.surveys.runs_of_call(latest["call_id"])
    rows = {row.question_id for row in await stores.surveys.answers(run.id)}
    await stores.close()
    assert run.id == run_id
    assert confirmed.keys() <= rows
