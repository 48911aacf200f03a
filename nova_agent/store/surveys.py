"""What the database keeps about surveys: runs of a questionnaire and the answers given in them.

An answer is never overwritten: a different one supersedes it, so a run has at most one current answer to a
question and still shows everything the caller ever said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue


class RunStatus(StrEnum):
    """Where a run stands. Paused and stopped runs keep their answers; only paused ones are offered again."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    STOPPED = "stopped"
    PAUSED = "paused"
    DECLINED = "declined"


class AnswerStatus(StrEnum):
    ANSWERED = "answered"
    SKIPPED = "skipped"


class Recorded(StrEnum):
    """What recording an answer did to the run."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class SurveyRun:
    """One caller going through one version of a survey. Times are aware and in UTC."""

    id: str
    call_id: str
    survey_id: str
    survey_version: str
    caller_identity: str | None
    status: RunStatus
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer or a skip; ``words`` is what the caller said, ``superseded_at`` is ``None`` while it counts."""

    run_id: str
    question_id: str
    position: int
    status: AnswerStatus
    value: JsonValue
    words: str | None
    recorded_at: datetime
    superseded_at: datetime | None = None


class SurveyStore(Protocol):
    """Keeps survey runs. Every method commits before it returns and raises ``StoreError`` when it could not."""

    async def start_run(
        self,
        *,
        call_id: str,
        survey_id: str,
        survey_version: str,
        caller_identity: str | None,
        started_at: datetime,
    ) -> SurveyRun:
        """Begin a run.

        Raises:
            StoreError: no call of that id.
        """
        ...

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
        """Make this the current answer to the question.

        The same value again writes nothing, whatever the words were; a different one supersedes the current
        answer (or skip) in the same transaction.

        Raises:
            StoreError: no run of that id.
        """
        ...

    async def skip_question(
        self, run_id: str, question_id: str, *, position: int, words: str | None, recorded_at: datetime
    ) -> Recorded:
        """Note that the caller does not answer the question; otherwise as :meth:`record_answer`."""
        ...

    async def withdraw_answer(self, run_id: str, question_id: str, *, withdrawn_at: datetime) -> bool:
        """Supersede the current answer without a replacement; false when there was none.

        For answers that an earlier, changed answer has made irrelevant.
        """
        ...

    async def finish_run(self, run_id: str, status: RunStatus, *, ended_at: datetime) -> None:
        """Note how the run ended; said twice, the later word counts.

        Raises:
            StoreError: no run of that id, or ``status`` is ``in_progress``.
        """
        ...

    async def resume_run(self, run_id: str, *, call_id: str) -> SurveyRun:
        """Carry the run on in another call: it is in progress again and belongs to that call.

        Raises:
            StoreError: no run or no call of that id.
        """
        ...

    async def run(self, run_id: str) -> SurveyRun | None:
        """The run, or ``None`` when there is none of that id."""
        ...

    async def runs_of_call(self, call_id: str) -> Sequence[SurveyRun]:
        """The runs that belong to a call, in the order in which they began."""
        ...

    async def paused_run(
        self, caller_identity: str | None, survey_id: str, *, live_calls: Collection[str] = ()
    ) -> SurveyRun | None:
        """The caller's latest run of the survey that can be carried on, or ``None``.

        That is a paused run, or one still in progress whose call is gone. A killed process cannot note its
        end, so the caller of this method names the ``live_calls`` whose runs must be left alone. An unknown
        caller (``None`` or empty) has nothing to carry on.
        """
        ...

    async def answers(self, run_id: str, *, include_superseded: bool = False) -> Sequence[Answer]:
        """The run's answers in question order; superseded ones come before what replaced them."""
        ...
