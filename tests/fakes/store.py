"""The store's ports in memory, held to the same contract suites as the database."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from nova_agent.errors import StoreError
from nova_agent.store import (
    Answer,
    AnswerStatus,
    CallRow,
    CallStore,
    Recorded,
    RunStatus,
    Stores,
    SurveyRun,
    SurveyStore,
)


class FakeCallStore(CallStore):
    """Calls in a dict."""

    def __init__(self) -> None:
        self.rows: dict[str, CallRow] = {}

    async def start(self, call: CallRow) -> None:
        if call.id in self.rows:
            raise StoreError(f"the call {call.id!r} is already there")
        self.rows[call.id] = call

    async def finish(self, call_id: str, *, ended_at: datetime, end_reason: str, record_path: str | None) -> None:
        if call_id not in self.rows:
            raise StoreError(f"there is no call {call_id!r}")
        self.rows[call_id] = replace(
            self.rows[call_id], ended_at=ended_at, end_reason=end_reason, record_path=record_path
        )

    async def get(self, call_id: str) -> CallRow | None:
        return self.rows.get(call_id)

    async def latest(self, limit: int, persona: str | None = None) -> Sequence[CallRow]:
        rows = [row for row in self.rows.values() if persona in (None, row.persona)]
        return sorted(rows, key=lambda row: (row.started_at, row.id), reverse=True)[:limit]


class FakeSurveyStore(SurveyStore):
    """Runs in a dict, answers in a list in the order in which they were recorded."""

    def __init__(self, calls: FakeCallStore) -> None:
        self._calls = calls
        self.runs: dict[str, SurveyRun] = {}
        self.answer_rows: list[Answer] = []

    async def start_run(
        self,
        *,
        call_id: str,
        survey_id: str,
        survey_version: str,
        caller_identity: str | None,
        started_at: datetime,
    ) -> SurveyRun:
        self._need_call(call_id)
        run_id = f"run-{len(self.runs) + 1}"
        run = SurveyRun(run_id, call_id, survey_id, survey_version, caller_identity, RunStatus.IN_PROGRESS, started_at)
        self.runs[run_id] = run
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
        return self._record(Answer(run_id, question_id, position, AnswerStatus.ANSWERED, value, words, recorded_at))

    async def skip_question(
        self, run_id: str, question_id: str, *, position: int, words: str | None, recorded_at: datetime
    ) -> Recorded:
        return self._record(Answer(run_id, question_id, position, AnswerStatus.SKIPPED, None, words, recorded_at))

    async def withdraw_answer(self, run_id: str, question_id: str, *, withdrawn_at: datetime) -> bool:
        current = list(self._current(run_id, question_id))
        for index, answer in current:
            self.answer_rows[index] = replace(answer, superseded_at=withdrawn_at)
        return bool(current)

    async def finish_run(self, run_id: str, status: RunStatus, *, ended_at: datetime) -> None:
        if status is RunStatus.IN_PROGRESS:
            raise StoreError(f"the run {run_id!r} cannot end as 'in_progress'")
        self.runs[run_id] = replace(self._need_run(run_id), status=status, ended_at=ended_at)

    async def resume_run(self, run_id: str, *, call_id: str) -> SurveyRun:
        run = self._need_run(run_id)
        self._need_call(call_id)
        self.runs[run_id] = replace(run, call_id=call_id, status=RunStatus.IN_PROGRESS, ended_at=None)
        return self.runs[run_id]

    async def run(self, run_id: str) -> SurveyRun | None:
        return self.runs.get(run_id)

    async def runs_of_call(self, call_id: str) -> Sequence[SurveyRun]:
        runs = [run for run in self.runs.values() if run.call_id == call_id]
        return sorted(runs, key=lambda run: run.started_at)

    async def paused_run(
        self, caller_identity: str | None, survey_id: str, *, live_calls: Collection[str] = ()
    ) -> SurveyRun | None:
        open_runs = [
            run
            for run in self.runs.values()
            if caller_identity
            and (run.caller_identity, run.survey_id) == (caller_identity, survey_id)
            and (
                run.status is RunStatus.PAUSED
                or (run.status is RunStatus.IN_PROGRESS and run.call_id not in live_calls)
            )
        ]
        return max(open_runs, key=lambda run: run.started_at, default=None)

    async def answers(self, run_id: str, *, include_superseded: bool = False) -> Sequence[Answer]:
        rows = [row for row in self.answer_rows if row.run_id == run_id]
        kept = [row for row in rows if include_superseded or row.superseded_at is None]
        return sorted(kept, key=lambda row: row.position)

    def _record(self, answer: Answer) -> Recorded:
        self._need_run(answer.run_id)
        current = list(self._current(answer.run_id, answer.question_id))
        if any(_said(old) == _said(answer) for _, old in current):
            return Recorded.UNCHANGED
        for index, old in current:
            self.answer_rows[index] = replace(old, superseded_at=answer.recorded_at)
        self.answer_rows.append(answer)
        return Recorded.CHANGED if current else Recorded.NEW

    def _current(self, run_id: str, question_id: str) -> Iterator[tuple[int, Answer]]:
        for index, row in enumerate(self.answer_rows):
            if (row.run_id, row.question_id, row.superseded_at) == (run_id, question_id, None):
                yield index, row

    def _need_call(self, call_id: str) -> None:
        if call_id not in self._calls.rows:
            raise StoreError(f"there is no call {call_id!r}")

    def _need_run(self, run_id: str) -> SurveyRun:
        if run_id not in self.runs:
            raise StoreError(f"there is no survey run {run_id!r}")
        return self.runs[run_id]


def _said(answer: Answer) -> tuple[AnswerStatus, str]:
    return answer.status, json.dumps(answer.value, sort_keys=True)


def fake_stores() -> Stores:
    """All stores, in memory."""
    calls = FakeCallStore()
    return Stores(calls=calls, surveys=FakeSurveyStore(calls))
