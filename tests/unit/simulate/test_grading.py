from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from nova_agent.simulate.grading import grade
from nova_agent.simulate.script import Expectation
from nova_agent.store import CallRow, RunStatus, Stores, open_stores

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CALL = "call-1"


@pytest.fixture
async def stores(tmp_path: Any) -> AsyncIterator[Stores]:
    """A finished call with the answers 9 (first 8), a reason, and a skip."""
    stores = await open_stores(f"sqlite+aiosqlite:///{tmp_path}/nova.db")
    await stores.calls.start(CallRow(id=CALL, persona="survey", started_at=NOW))
    surveys = stores.surveys
    run = await surveys.start_run(call_id=CALL, survey_id="s", survey_version="1", caller_identity=None, started_at=NOW)
    for question, position, value in (("nps", 1, 8), ("reason", 2, "The staff were friendly."), ("nps", 1, 9)):
        await surveys.record_answer(run.id, question, position=position, value=value, words="", recorded_at=NOW)
    await surveys.skip_question(run.id, "visited", position=3, words=None, recorded_at=NOW)
    await surveys.finish_run(run.id, RunStatus.COMPLETED, ended_at=NOW)
    await stores.calls.finish(CALL, ended_at=NOW, end_reason="completed", record_path=None)
    yield stores
    await stores.close()


def expecting(answers: dict[str, Any] | None = None, **fields: Any) -> Expectation:
    given = {"nps": 9, "reason": {"contains": "friendly"}, "visited": {"skipped": True}, **(answers or {})}
    return Expectation.model_validate({"status": "completed", "answers": given, **fields})


async def test_rows_as_expected_have_no_findings(stores: Stores) -> None:
    assert (
        await grade(expecting({"phone": {"absent": True}}, changed=["nps"], end_reason="completed"), CALL, stores) == []
    )


@pytest.mark.parametrize(
    ("answers", "finding"),
    [
        ({"nps": 8}, "nps: expected 8, the row has 9"),
        ({"nps": 9.0}, "nps: expected 9.0"),
        ({"nps": {"skipped": True}}, "nps: expected a skip, the row has 9"),
        ({"nps": {"absent": True}}, "nps: expected no row, there is 9"),
        ({"visited": {"absent": True}}, "visited: expected no row, there is a skip"),
        ({"visited": False}, "visited: expected an answer, the row says skipped"),
        ({"phone": "+14155550134"}, "phone: there is no row"),
        ({"reason": {"contains": ["staff", "price"]}}, "reason: ['price'] not in"),
        ({"reason": {"similar": {"to": "The weather was bad", "at_least": 90}}}, "% like"),
    ],
)
async def test_a_row_that_is_not_as_expected_is_named(stores: Stores, answers: dict[str, Any], finding: str) -> None:
    (found,) = await grade(expecting(answers), CALL, stores)
    assert finding in found


async def test_open_text_may_be_similar(stores: Stores) -> None:
    assert await grade(expecting({"reason": {"similar": {"to": "the staff was friendly"}}}), CALL, stores) == []


async def test_a_row_that_nobody_expects_is_a_finding(stores: Stores) -> None:
    found = await grade(
        Expectation.model_validate({"answers": {"nps": 9, "reason": {"contains": "staff"}}}), CALL, stores
    )
    assert found == ["visited: the script expects nothing here, the row has a skip"]


@pytest.mark.parametrize(
    ("changed", "finding"), [([], "nps: has a superseded row"), (["nps", "reason"], "reason: expected a changed")]
)
async def test_changes_are_exact_when_the_script_lists_them(stores: Stores, changed: list[str], finding: str) -> None:
    (found,) = await grade(expecting(changed=changed), CALL, stores)
    assert found.startswith(finding)


async def test_status_and_end_reason_are_compared(stores: Stores) -> None:
    found = await grade(expecting(status="stopped", end_reason="caller-hung-up"), CALL, stores)
    assert [finding.split(":")[0] for finding in found] == ["end_reason", "status"]


async def test_a_call_without_rows_fails(stores: Stores) -> None:
    assert await grade(expecting(), "call-2", stores) == ["the database has no call 'call-2'"]
    await stores.calls.start(CallRow(id="call-3", persona="survey", started_at=NOW))
    assert await grade(expecting(), "call-3", stores) == ["the call has no survey run"]
