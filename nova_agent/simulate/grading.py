"""Whether a call left the rows that its script expects. Reads the database after the call, never the words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue
from rapidfuzz import fuzz

from nova_agent.simulate.normalise import normalise
from nova_agent.simulate.script import Answer, Expectation
from nova_agent.store.calls import CallRow
from nova_agent.store.stores import Stores, open_stores
from nova_agent.store.surveys import Answer as AnswerRow
from nova_agent.store.surveys import AnswerStatus, SurveyRun


async def grade_call(expect: Expectation, call_id: str, database_url: str) -> list[str]:
    """Return what is wrong with the rows of a call, one sentence a finding; empty when all is as expected.

    Raises:
        StoreError: the database cannot be read.
    """
    stores = await open_stores(database_url)
    try:
        return await grade(expect, call_id, stores)
    finally:
        await stores.close()


async def grade(expect: Expectation, call_id: str, stores: Stores) -> list[str]:
    """As :func:`grade_call`, over stores that are open."""
    call = await stores.calls.get(call_id)
    if call is None:
        return [f"the database has no call {call_id!r}"]
    findings = list(_of_call(expect, call))
    runs = await stores.surveys.runs_of_call(call_id)
    if not runs:
        return [*findings, *_without_run(expect)]
    # A call that took up several surveys is graded on the last: earlier ones were left for it.
    run = runs[-1]
    rows = await stores.surveys.answers(run.id, include_superseded=True)
    return [*findings, *_of_run(expect, run), *_of_answers(expect, rows)]


def _of_call(expect: Expectation, call: CallRow) -> Iterator[str]:
    if expect.end_reason is not None and call.end_reason != expect.end_reason:
        yield f"end_reason: expected {expect.end_reason!r}, the row has {call.end_reason!r}"


def _without_run(expect: Expectation) -> Iterator[str]:
    if expect.status is not None or expect.answers or expect.changed:
        yield "the call has no survey run"


def _of_run(expect: Expectation, run: SurveyRun) -> Iterator[str]:
    if expect.status is not None and run.status != expect.status:
        yield f"status: expected {expect.status!r}, the row has {run.status.value!r}"


def _of_answers(expect: Expectation, rows: Sequence[AnswerRow]) -> Iterator[str]:
    current = {row.question_id: row for row in rows if row.superseded_at is None}
    for question, wanted in expect.answers.items():
        finding = _of_answer(wanted, current.get(question))
        if finding is not None:
            yield f"{question}: {finding}"
    for question in sorted(current.keys() - expect.answers.keys()):
        yield f"{question}: the script expects nothing here, the row has {_shown(current[question])}"
    if expect.changed is not None:
        yield from _of_changes(expect.changed, {row.question_id for row in rows if row.superseded_at is not None})


def _of_changes(wanted: Sequence[str], changed: set[str]) -> Iterator[str]:
    for question in sorted(set(wanted) - changed):
        yield f"{question}: expected a changed answer, there is no superseded row"
    for question in sorted(changed - set(wanted)):
        yield f"{question}: has a superseded row, but the script does not list it under changed"


def _of_answer(wanted: Answer, row: AnswerRow | None) -> str | None:
    """Return what is wrong with one row, or None."""
    if wanted.absent:
        return None if row is None else f"expected no row, there is {_shown(row)}"
    if row is None:
        return "there is no row"
    if wanted.skipped:
        return None if row.status is AnswerStatus.SKIPPED else f"expected a skip, the row has {_shown(row)}"
    if row.status is AnswerStatus.SKIPPED:
        return "expected an answer, the row says skipped"
    return _of_value(wanted, row.value)


def _of_value(wanted: Answer, value: JsonValue) -> str | None:
    if wanted.contains:
        missing = [part for part in wanted.contains if normalise(part) not in normalise(str(value))]
        return f"{missing} not in {value!r}" if missing else None
    if wanted.similar is not None:
        likeness = fuzz.token_sort_ratio(normalise(wanted.similar.to), normalise(str(value)))
        too_far = likeness < wanted.similar.at_least
        return f"{value!r} is {likeness:.0f} % like {wanted.similar.to!r}" if too_far else None
    # As JSON, so that 1, 1.0 and true stay three different answers.
    same = json.dumps(wanted.equals, sort_keys=True) == json.dumps(value, sort_keys=True)
    return None if same else f"expected {wanted.equals!r}, the row has {value!r}"


def _shown(row: AnswerRow) -> str:
    return "a skip" if row.status is AnswerStatus.SKIPPED else repr(row.value)
