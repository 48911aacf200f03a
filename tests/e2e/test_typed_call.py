"""``nova-agent call`` with the caller's side typed: the whole survey, and half of it twice."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nova_agent.calllog import find_record, read_record
from nova_agent.store import AnswerStatus, RunStatus, SurveyRun
from tests.fakes.command import LIMIT_S, Command, Ran

Run = Callable[..., Ran]

LINES = (
    "Yes, that's fine.",
    "Eight.",
    "The staff were very friendly.",
    "Yes, you did.",
    "On the website.",
    "The friendliness and the speed.",
    "Yes, please.",
    "415 555 2671",
    "Yes, that's right.",
    "Tomorrow.",
    "Yes.",
)


def typed(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


async def kept(nova: Command, call_id: str) -> tuple[SurveyRun, dict[str, Any]]:
    """The call's run, and the value of every question that was answered or skipped."""
    stores = await nova.open_stores()
    (run,) = await stores.surveys.runs_of_call(call_id)
    rows = await stores.surveys.answers(run.id)
    await stores.close()
    return run, {row.question_id: row.value for row in rows if row.status is AnswerStatus.ANSWERED}


def test_a_whole_survey_can_be_typed(nova: Command, nova_here: Run) -> None:
    before = datetime.now(UTC).date()
    ran = nova_here("call", "survey", "--text", "--speed", "4", "--json", typed=typed(LINES))
    assert ran.exit_code == 0, ran
    answered = json.loads(ran.out)
    assert answered["end_reason"] == "completed"
    run, values = asyncio.run(kept(nova, answered["call_id"]))
    assert run.status is RunStatus.COMPLETED
    assert values.pop("callback_date") in {str(before + timedelta(days=days)) for days in (1, 2)}
    assert values.pop("reason").rstrip(".").endswith("staff were very friendly")
    assert values == {
        "recommend": 8,
        "solved": True,
        "contact_channel": "website",
        "liked": ["friendliness", "speed"],
        "callback": True,
        "callback_phone": "+14155552671",
    }


def test_a_survey_can_be_paused_and_gone_on_with(nova: Command, nova_here: Run) -> None:
    first = nova_here("call", "--identity", "ann", typed=typed([*LINES[:2], "Can we pause here?"]))
    assert first.exit_code == 0, first
    assert "The call ended: paused." in first.out

    with nova.start("call", "--identity", "ann") as process:
        # Standard input stays open: a call that the agent ends must not wait for one more line.
        assert process.stdin is not None
        process.stdin.write(typed([LINES[2], "I want to stop now."]))
        process.stdin.flush()
        process.wait(LIMIT_S)
        assert process.stdout is not None
        second = process.stdout.read()
    assert process.returncode == 0
    assert "Welcome back" in second
    assert "how likely are you" not in second
    assert "The call ended: stopped." in second

    run, values = asyncio.run(kept(nova, re.findall(r"(call_\w+)\.jsonl", second)[0]))
    assert run.status is RunStatus.STOPPED
    assert values.keys() == {"recommend", "reason"}


def test_a_typed_answer_survives_the_end_of_its_stream(
    nova: Command, nova_here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOVA_LOCAL__FAULTS", "tcp-cut@turn=3")
    ran = nova_here("call", "survey", "--text", "--speed", "4", "--json", typed=typed([*LINES[:3], "Goodbye."]))
    assert ran.exit_code == 0, ran
    answered = json.loads(ran.out)
    record = find_record(nova.records, answered["call_id"])
    assert read_record(record).events[-1]["summary"]["streams"]["failed"] == 1
    _, values = asyncio.run(kept(nova, answered["call_id"]))
    assert values["recommend"] == 8
    assert values["reason"].rstrip(".").endswith("staff were very friendly")
