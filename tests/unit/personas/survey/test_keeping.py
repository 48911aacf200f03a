"""Runs of a survey: one for each call, however often the survey is opened in it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from nova_agent.store import CallRow
from nova_agent.userdata import CallId, UserData
from personas.survey.keeping import open_run
from personas.survey.survey import Survey
from tests.fakes.store import fake_stores

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def test_a_survey_that_is_opened_again_in_a_call_goes_on_with_its_run(survey: Survey) -> None:
    stores = fake_stores()
    await stores.calls.start(CallRow(id="c", persona="survey", started_at=NOW))
    userdata = UserData(
        call_id=CallId("c"),
        started_at=NOW,
        ctx=cast("Any", SimpleNamespace()),
        stores=stores,
        clock=lambda: NOW,
    )
    first = await open_run(userdata, survey)
    await stores.surveys.record_answer(first.run_id, "rating", position=0, value=9, words="nine", recorded_at=NOW)
    again = await open_run(userdata, survey)
    assert again.run_id == first.run_id
    assert dict(again.values) == {"rating": 9}
    assert len(await stores.surveys.runs_of_call("c")) == 1
