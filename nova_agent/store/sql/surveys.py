"""Survey runs and answers over SQL."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, RowMapping, String, Table, Text, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from nova_agent.errors import StoreError
from nova_agent.store.database import Database
from nova_agent.store.sql.calls import calls
from nova_agent.store.sql.schema import UtcDateTime, metadata
from nova_agent.store.surveys import Answer, AnswerStatus, Recorded, RunStatus, SurveyRun, SurveyStore

survey_runs = Table(
    "survey_runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("call_id", ForeignKey(calls.c.id), nullable=False, index=True),
    Column("survey_id", String, nullable=False),
    Column("survey_version", String, nullable=False),
    Column("caller_identity", String),
    Column("status", String, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)
Index(None, survey_runs.c.caller_identity, survey_runs.c.survey_id)

answers = Table(
    "answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey(survey_runs.c.id), nullable=False, index=True),
    Column("question_id", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("value", JSON(none_as_null=True)),
    Column("words", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("superseded_at", UtcDateTime),
)
_current = answers.c.superseded_at.is_(None)
Index(
    "uq_answers_current",
    answers.c.run_id,
    answers.c.question_id,
    unique=True,
    sqlite_where=_current,
    postgresql_where=_current,
)


class SqlSurveyStore(SurveyStore):
    """Keeps runs in ``survey_runs`` and answers in ``answers``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start_run(
        self,
        *,
        call_id: str,
        survey_id: str,
        survey_version: str,
        caller_identity: str | None,
        started_at: datetime,
    ) -> SurveyRun:
        run = SurveyRun(
            id=uuid.uuid4().hex,
            call_id=call_id,
            survey_id=survey_id,
            survey_version=survey_version,
            caller_identity=caller_identity,
            status=RunStatus.IN_PROGRESS,
            started_at=started_at,
        )
        async with self._database.writing() as connection:
            try:
                await connection.execute(insert(survey_runs).values(asdict(run)))
            except IntegrityError as error:
                raise _no_call(call_id) from error
        return run

    async def record_answer(
        self,
        run_id: str,
        question_id: str,
        *,
        position: int,
        value: JsonValue,
        words: str | None,
        recorded_at: datetime,
    ) -> Recorded:
        return await self._record(
            Answer(run_id, question_id, position, AnswerStatus.ANSWERED, value, words, recorded_at)
        )

    async def skip_question(
        self, run_id: str, question_id: str, *, position: int, words: str | None, recorded_at: datetime
    ) -> Recorded:
        return await self._record(Answer(run_id, question_id, position, AnswerStatus.SKIPPED, None, words, recorded_at))

    async def withdraw_answer(self, run_id: str, question_id: str, *, withdrawn_at: datetime) -> bool:
        async with self._database.writing() as connection:
            return await _supersede(connection, run_id, question_id, withdrawn_at)

    async def finish_run(self, run_id: str, status: RunStatus, *, ended_at: datetime) -> None:
        if status is RunStatus.IN_PROGRESS:
            raise StoreError(f"the run {run_id!r} cannot end as 'in_progress': name how it ended")
        async with self._database.writing() as connection:
            change = update(survey_runs).where(survey_runs.c.id == run_id)
            result = await connection.execute(change.values(status=status, ended_at=ended_at))
            if result.rowcount == 0:
                raise _no_run(run_id)

    async def resume_run(self, run_id: str, *, call_id: str) -> SurveyRun:
        change = update(survey_runs).where(survey_runs.c.id == run_id)
        change = change.values(call_id=call_id, status=RunStatus.IN_PROGRESS, ended_at=None)
        async with self._database.writing() as connection:
            try:
                row = (await connection.execute(change.returning(survey_runs))).mappings().one_or_none()
            except IntegrityError as error:
                raise _no_call(call_id) from error
            if row is None:
                raise _no_run(run_id)
        return _run(row)

    async def run(self, run_id: str) -> SurveyRun | None:
        async with self._database.reading() as connection:
            row = (
                (await connection.execute(select(survey_runs).where(survey_runs.c.id == run_id)))
                .mappings()
                .one_or_none()
            )
        return None if row is None else _run(row)

    async def runs_of_call(self, call_id: str) -> Sequence[SurveyRun]:
        query = select(survey_runs).where(survey_runs.c.call_id == call_id)
        query = query.order_by(survey_runs.c.started_at, survey_runs.c.id)
        async with self._database.reading() as connection:
            return [_run(row) for row in (await connection.execute(query)).mappings()]

    async def paused_run(
        self, caller_identity: str | None, survey_id: str, *, live_calls: Collection[str] = ()
    ) -> SurveyRun | None:
        if not caller_identity:
            return None
        gone = (survey_runs.c.status == RunStatus.IN_PROGRESS) & survey_runs.c.call_id.not_in(list(live_calls))
        query = (
            select(survey_runs)
            .where(survey_runs.c.caller_identity == caller_identity, survey_runs.c.survey_id == survey_id)
            .where((survey_runs.c.status == RunStatus.PAUSED) | gone)
            .order_by(survey_runs.c.started_at.desc(), survey_runs.c.id.desc())
            .limit(1)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else _run(row)

    async def answers(self, run_id: str, *, include_superseded: bool = False) -> Sequence[Answer]:
        query = select(answers).where(answers.c.run_id == run_id).order_by(answers.c.position, answers.c.id)
        if not include_superseded:
            query = query.where(_current)
        async with self._database.reading() as connection:
            return [_answer(row) for row in (await connection.execute(query)).mappings()]

    async def _record(self, answer: Answer) -> Recorded:
        async with self._database.writing() as connection:
            current = await _current_answer(connection, answer.run_id, answer.question_id)
            if current is not None and _same(current, answer):
                return Recorded.UNCHANGED
            if current is not None:
                await _supersede(connection, answer.run_id, answer.question_id, answer.recorded_at)
            try:
                await connection.execute(insert(answers).values(asdict(answer)))
            except IntegrityError as error:
                raise _no_run(answer.run_id) from error
        return Recorded.NEW if current is None else Recorded.CHANGED


async def _current_answer(connection: AsyncConnection, run_id: str, question_id: str) -> Answer | None:
    query = select(answers).where(answers.c.run_id == run_id, answers.c.question_id == question_id, _current)
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else _answer(row)


async def _supersede(connection: AsyncConnection, run_id: str, question_id: str, at: datetime) -> bool:
    change = update(answers).where(answers.c.run_id == run_id, answers.c.question_id == question_id, _current)
    return (await connection.execute(change.values(superseded_at=at))).rowcount > 0


def _same(current: Answer, other: Answer) -> bool:
    """Compared as JSON, because Python calls ``True`` and ``1`` equal."""
    return current.status == other.status and _canonical(current.value) == _canonical(other.value)


def _canonical(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True)


def _run(row: RowMapping) -> SurveyRun:
    columns = dict(row)
    return SurveyRun(**columns | {"status": RunStatus(columns["status"])})


def _answer(row: RowMapping) -> Answer:
    columns = dict(row)
    del columns["id"]
    return Answer(**columns | {"status": AnswerStatus(columns["status"])})


def _no_call(call_id: str) -> StoreError:
    return StoreError(f"there is no call {call_id!r} in the database: start the call before its surveys")


def _no_run(run_id: str) -> StoreError:
    return StoreError(f"there is no survey run {run_id!r} in the database: start the run before its answers")
