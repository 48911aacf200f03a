"""Where the rules meet the database: a step's writes are committed, one by one, before its reply goes out."""

from __future__ import annotations

from typing import assert_never

from nova_agent.context import live_call_ids
from nova_agent.store import AnswerStatus, Recorded, RunStatus, SurveyRun
from nova_agent.userdata import UserData
from personas.survey.progress import Answer, SurveyProgress
from personas.survey.steps import AnswerRecorded, AnswerWithdrawn, QuestionSkipped, Step, Write
from personas.survey.survey import Survey


async def open_run(userdata: UserData, survey: Survey) -> SurveyProgress:
    """Begin a run, or carry on: the one of this call, or the one that this caller paused or that was cut off.

    A call has one already when another persona spoke meanwhile, or when the opening was thrown away and is made again.
    A run of another version of the survey is left alone: its questions may not be the same.

    Raises:
        StoreError: the database cannot be read or written.
    """
    runs = userdata.stores.surveys
    for run in reversed(await runs.runs_of_call(userdata.call_id)):
        if (run.survey_id, run.survey_version) == (survey.id, survey.version) and run.status is RunStatus.IN_PROGRESS:
            userdata.on_event("survey.started", survey_id=survey.id, run_id=run.id, resumed=True)
            return await _progress_of(userdata, survey, run)
    earlier = await runs.paused_run(userdata.participant_identity or None, survey.id, live_calls=live_call_ids())
    if earlier is not None and earlier.survey_version == survey.version:
        run = await runs.resume_run(earlier.id, call_id=userdata.call_id)
        userdata.on_event("survey.started", survey_id=survey.id, run_id=run.id, resumed=True)
        return await _progress_of(userdata, survey, run)
    run = await runs.start_run(
        call_id=userdata.call_id,
        survey_id=survey.id,
        survey_version=survey.version,
        caller_identity=userdata.participant_identity or None,
        started_at=userdata.clock(),
    )
    userdata.on_event("survey.started", survey_id=survey.id, run_id=run.id)
    return SurveyProgress.start(survey, run.id)


async def _progress_of(userdata: UserData, survey: Survey, run: SurveyRun) -> SurveyProgress:
    kept = [row for row in await userdata.stores.surveys.answers(run.id) if survey.has(row.question_id)]
    answers = {
        row.question_id: Answer(value=row.value, words=row.words or "", skipped=row.status is AnswerStatus.SKIPPED)
        for row in kept
    }
    return SurveyProgress.start(survey, run.id).having(answers=answers, trail=tuple(answers))


async def keep(userdata: UserData, survey: Survey, step: Step) -> None:
    """Commit everything that a step decided.

    Raises:
        StoreError: something could not be written; what stands before it is kept, and writing it again is harmless.
    """
    run_id = step.progress.run_id
    _mark_private(userdata, survey, step)
    for write in step.writes:
        await _write(userdata, run_id, write)
    userdata.survey_responses = dict(step.progress.values)
    if step.outcome is not None:
        await userdata.stores.surveys.finish_run(run_id, RunStatus(step.outcome), ended_at=userdata.clock())
        userdata.on_event("survey.finished", survey_id=survey.id, run_id=run_id, status=step.outcome)


def _mark_private(userdata: UserData, survey: Survey, step: Step) -> None:
    """Keep answers of questions marked ``pii``, and what is read back of them, out of the record."""
    progress = step.progress
    pending = progress.pending if progress.question and survey.question(progress.question).pii else None
    if pending is not None:
        userdata.privacy.add_private(str(pending.value), pending.words, pending.read_back)
    for write in step.writes:
        if isinstance(write, AnswerRecorded) and write.pii:
            userdata.privacy.add_private(str(write.value), write.words)


async def _write(userdata: UserData, run_id: str, write: Write) -> None:
    surveys, now = userdata.stores.surveys, userdata.clock()
    facts = {"question_id": write.question_id, "run_id": run_id}
    match write:
        case AnswerRecorded():
            done = await surveys.record_answer(
                run_id,
                write.question_id,
                position=write.position,
                value=write.value,
                words=write.words,
                recorded_at=now,
            )
            if done is not Recorded.UNCHANGED:
                event = "answer.changed" if done is Recorded.CHANGED else "answer.recorded"
                userdata.on_event(event, value=None if write.pii else write.value, **facts)
        case QuestionSkipped():
            done = await surveys.skip_question(
                run_id, write.question_id, position=write.position, words=None, recorded_at=now
            )
            if done is not Recorded.UNCHANGED:
                userdata.on_event("answer.skipped", **facts)
        case AnswerWithdrawn():
            if await surveys.withdraw_answer(run_id, write.question_id, withdrawn_at=now):
                userdata.on_event("answer.withdrawn", **facts)
        case _:
            assert_never(write)
