"""What every ``SurveyStore`` does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from nova_agent.errors import StoreError
from nova_agent.store import AnswerStatus, CallRow, Recorded, RunStatus, Stores, SurveyRun, SurveyStore

NOON = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
CALLER = "+14155552671"


@pytest.fixture
async def surveys(stores: Stores) -> SurveyStore:
    """With two calls to hold surveys in."""
    for call_id in ("c1", "c2"):
        await stores.calls.start(CallRow(call_id, "survey", NOON))
    return stores.surveys


@pytest.fixture
async def run(surveys: SurveyStore) -> SurveyRun:
    return await start(surveys)


async def start(
    surveys: SurveyStore, *, call_id: str = "c1", caller: str | None = CALLER, minutes: int = 0
) -> SurveyRun:
    return await surveys.start_run(
        call_id=call_id,
        survey_id="coffee",
        survey_version="3",
        caller_identity=caller,
        started_at=NOON + timedelta(minutes=minutes),
    )


async def answer(
    surveys: SurveyStore, run: SurveyRun, question: str, value: JsonValue, *, position: int = 1, words: str = "said"
) -> Recorded:
    return await surveys.record_answer(run.id, question, position=position, value=value, words=words, recorded_at=NOON)


async def skip(surveys: SurveyStore, run: SurveyRun, question: str) -> Recorded:
    return await surveys.skip_question(run.id, question, position=1, words="skip it", recorded_at=NOON)


async def values(surveys: SurveyStore, run: SurveyRun, *, all_of_them: bool = False) -> list[JsonValue]:
    return [row.value for row in await surveys.answers(run.id, include_superseded=all_of_them)]


async def test_a_run_begins_in_progress_and_reads_back(surveys: SurveyStore) -> None:
    run = await start(surveys)
    assert run.status is RunStatus.IN_PROGRESS
    assert await surveys.run(run.id) == run


async def test_an_unknown_run_is_none(surveys: SurveyStore) -> None:
    assert await surveys.run("nothing") is None


async def test_a_run_needs_a_call(surveys: SurveyStore) -> None:
    with pytest.raises(StoreError, match="'nobody'"):
        await start(surveys, call_id="nobody")


@pytest.mark.parametrize("value", [7, 4.5, True, "latte", ["a", "b"], {"from": 1, "to": None}, None, "ça ‹x› 😀"])
async def test_an_answer_keeps_its_value_and_words(surveys: SurveyStore, run: SurveyRun, value: JsonValue) -> None:
    assert await answer(surveys, run, "q1", value, words="well, let me see") is Recorded.NEW
    (kept,) = await surveys.answers(run.id)
    assert (kept.value, kept.words, kept.status) == (value, "well, let me see", AnswerStatus.ANSWERED)
    assert (kept.recorded_at, kept.superseded_at) == (NOON, None)


async def test_an_answer_needs_a_run(surveys: SurveyStore) -> None:
    with pytest.raises(StoreError, match="'nothing'"):
        await surveys.record_answer("nothing", "q1", position=1, value=1, words=None, recorded_at=NOON)


async def test_the_same_value_again_writes_nothing(surveys: SurveyStore, run: SurveyRun) -> None:
    await answer(surveys, run, "q1", {"a": 1, "b": 2}, words="first")
    assert await answer(surveys, run, "q1", {"b": 2, "a": 1}, words="second") is Recorded.UNCHANGED
    (kept,) = await surveys.answers(run.id, include_superseded=True)
    assert kept.words == "first"


async def test_a_different_value_supersedes_the_old_one(surveys: SurveyStore, run: SurveyRun) -> None:
    await answer(surveys, run, "q1", 7)
    assert await answer(surveys, run, "q1", 8) is Recorded.CHANGED
    assert await values(surveys, run) == [8]
    old, new = await surveys.answers(run.id, include_superseded=True)
    assert (old.value, old.superseded_at) == (7, NOON)
    assert (new.value, new.superseded_at) == (8, None)


async def test_yes_is_not_the_number_one(surveys: SurveyStore, run: SurveyRun) -> None:
    await answer(surveys, run, "q1", 1)
    assert await answer(surveys, run, "q1", True) is Recorded.CHANGED
    assert (await values(surveys, run))[0] is True


async def test_an_earlier_answer_given_again_counts_again(surveys: SurveyStore, run: SurveyRun) -> None:
    for value in (7, 8, 7):
        await answer(surveys, run, "q1", value)
    assert await values(surveys, run) == [7]
    assert await values(surveys, run, all_of_them=True) == [7, 8, 7]


async def test_a_skip_is_noted_once(surveys: SurveyStore, run: SurveyRun) -> None:
    assert await skip(surveys, run, "q1") is Recorded.NEW
    assert await skip(surveys, run, "q1") is Recorded.UNCHANGED
    (kept,) = await surveys.answers(run.id, include_superseded=True)
    assert (kept.status, kept.value, kept.words) == (AnswerStatus.SKIPPED, None, "skip it")


async def test_an_answer_supersedes_a_skip_and_a_skip_an_answer(surveys: SurveyStore, run: SurveyRun) -> None:
    await skip(surveys, run, "q1")
    assert await answer(surveys, run, "q1", None) is Recorded.CHANGED
    assert await skip(surveys, run, "q1") is Recorded.CHANGED
    assert [row.status for row in await surveys.answers(run.id)] == [AnswerStatus.SKIPPED]


async def test_a_withdrawn_answer_no_longer_counts(surveys: SurveyStore, run: SurveyRun) -> None:
    await answer(surveys, run, "q1", 7)
    assert await surveys.withdraw_answer(run.id, "q1", withdrawn_at=NOON) is True
    assert await values(surveys, run) == []
    assert await values(surveys, run, all_of_them=True) == [7]
    assert await answer(surveys, run, "q1", 7) is Recorded.NEW


async def test_withdrawing_what_was_never_answered_changes_nothing(surveys: SurveyStore, run: SurveyRun) -> None:
    await answer(surveys, run, "q1", 7)
    assert await surveys.withdraw_answer(run.id, "q2", withdrawn_at=NOON) is False
    assert await values(surveys, run) == [7]


async def test_answers_come_in_question_order(surveys: SurveyStore, run: SurveyRun) -> None:
    for question, position in (("third", 3), ("first", 1), ("second", 2)):
        await answer(surveys, run, question, question, position=position)
    assert await values(surveys, run) == ["first", "second", "third"]


async def test_runs_keep_their_answers_apart(surveys: SurveyStore, run: SurveyRun) -> None:
    other = await start(surveys, minutes=1)
    await answer(surveys, run, "q1", 7)
    assert await answer(surveys, other, "q1", 8) is Recorded.NEW
    assert await values(surveys, run) == [7]


@pytest.mark.parametrize("status", [RunStatus.COMPLETED, RunStatus.STOPPED, RunStatus.PAUSED, RunStatus.DECLINED])
async def test_a_finished_run_says_how_and_when(surveys: SurveyStore, run: SurveyRun, status: RunStatus) -> None:
    await surveys.finish_run(run.id, status, ended_at=NOON)
    finished = await surveys.run(run.id)
    assert finished is not None
    assert (finished.status, finished.ended_at) == (status, NOON)


async def test_a_run_cannot_finish_in_progress(surveys: SurveyStore, run: SurveyRun) -> None:
    with pytest.raises(StoreError, match="in_progress"):
        await surveys.finish_run(run.id, RunStatus.IN_PROGRESS, ended_at=NOON)


async def test_finishing_an_unknown_run_is_an_error(surveys: SurveyStore) -> None:
    with pytest.raises(StoreError, match="'nothing'"):
        await surveys.finish_run("nothing", RunStatus.STOPPED, ended_at=NOON)


async def test_the_runs_of_a_call_come_in_order(surveys: SurveyStore) -> None:
    later, earlier = await start(surveys, minutes=2), await start(surveys, minutes=1)
    await start(surveys, call_id="c2")
    assert [run.id for run in await surveys.runs_of_call("c1")] == [earlier.id, later.id]


async def test_a_paused_run_can_be_carried_on(surveys: SurveyStore, run: SurveyRun) -> None:
    await surveys.finish_run(run.id, RunStatus.PAUSED, ended_at=NOON)
    found = await surveys.paused_run(CALLER, "coffee")
    assert found is not None
    assert (found.id, found.status) == (run.id, RunStatus.PAUSED)


@pytest.mark.parametrize("status", [RunStatus.COMPLETED, RunStatus.STOPPED, RunStatus.DECLINED])
async def test_a_run_that_is_over_is_not_offered_again(surveys: SurveyStore, run: SurveyRun, status: RunStatus) -> None:
    assert await surveys.paused_run(CALLER, "coffee") == run
    await surveys.finish_run(run.id, status, ended_at=NOON)
    assert await surveys.paused_run(CALLER, "coffee") is None


async def test_the_run_of_a_dead_call_is_offered_and_that_of_a_live_one_is_not(
    surveys: SurveyStore, run: SurveyRun
) -> None:
    assert await surveys.paused_run(CALLER, "coffee", live_calls={"c2"}) == run
    assert await surveys.paused_run(CALLER, "coffee", live_calls={"c1", "c2"}) is None


async def test_the_latest_of_several_open_runs_is_offered(surveys: SurveyStore, run: SurveyRun) -> None:
    later = await start(surveys, minutes=5)
    assert later.id != run.id
    assert await surveys.paused_run(CALLER, "coffee") == later


async def test_nobody_gets_the_run_of_another(surveys: SurveyStore, run: SurveyRun) -> None:
    assert await surveys.paused_run(CALLER, "coffee") == run
    assert await surveys.paused_run("+442071838750", "coffee") is None
    assert await surveys.paused_run(CALLER, "tea") is None


@pytest.mark.parametrize("unknown", [None, ""])
async def test_an_unknown_caller_has_no_run_to_carry_on(surveys: SurveyStore, unknown: str | None) -> None:
    run = await start(surveys, caller=unknown)
    await surveys.finish_run(run.id, RunStatus.PAUSED, ended_at=NOON)
    assert await surveys.paused_run(unknown, "coffee") is None


async def test_a_resumed_run_goes_on_in_the_new_call_with_its_answers(surveys: SurveyStore, run: SurveyRun) -> None:
    await answer(surveys, run, "q1", 7)
    await surveys.finish_run(run.id, RunStatus.PAUSED, ended_at=NOON)
    resumed = await surveys.resume_run(run.id, call_id="c2")
    assert (resumed.status, resumed.call_id, resumed.ended_at) == (RunStatus.IN_PROGRESS, "c2", None)
    assert await surveys.runs_of_call("c2") == [resumed]
    assert await values(surveys, resumed) == [7]


async def test_resuming_needs_a_run_and_a_call(surveys: SurveyStore, run: SurveyRun) -> None:
    with pytest.raises(StoreError, match="'nothing'"):
        await surveys.resume_run("nothing", call_id="c2")
    with pytest.raises(StoreError, match="'nobody'"):
        await surveys.resume_run(run.id, call_id="nobody")
