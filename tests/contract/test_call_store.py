"""What every ``CallStore`` does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from nova_agent.errors import StoreError
from nova_agent.store import CallRow, CallStore, Stores

NOON = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def calls(stores: Stores) -> CallStore:
    return stores.calls


def a_call(call_id: str, *, minutes: int = 0, persona: str = "survey") -> CallRow:
    return CallRow(id=call_id, persona=persona, started_at=NOON + timedelta(minutes=minutes))


async def test_a_started_call_reads_back_whole(calls: CallStore) -> None:
    call = CallRow("c1", "survey", NOON, caller_identity="+14155552671", options={"survey": "coffee", "try": 2})
    await calls.start(call)
    assert await calls.get("c1") == call


async def test_an_unknown_call_is_none(calls: CallStore) -> None:
    assert await calls.get("nobody") is None


async def test_a_call_starts_only_once(calls: CallStore) -> None:
    await calls.start(a_call("c1"))
    with pytest.raises(StoreError, match="'c1'"):
        await calls.start(a_call("c1", minutes=1))
    assert await calls.get("c1") == a_call("c1")


async def test_a_finished_call_says_how_and_when(calls: CallStore) -> None:
    await calls.start(a_call("c1"))
    await calls.finish("c1", ended_at=NOON + timedelta(minutes=3), end_reason="completed", record_path="/r/c1.jsonl")
    call = await calls.get("c1")
    assert call is not None
    assert (call.end_reason, call.record_path) == ("completed", "/r/c1.jsonl")
    assert call.ended_at == NOON + timedelta(minutes=3)


async def test_finishing_an_unknown_call_is_an_error(calls: CallStore) -> None:
    with pytest.raises(StoreError, match="'nobody'"):
        await calls.finish("nobody", ended_at=NOON, end_reason="completed", record_path=None)


async def test_the_later_word_on_how_a_call_ended_counts(calls: CallStore) -> None:
    await calls.start(a_call("c1"))
    for reason in ("failed", "completed"):
        await calls.finish("c1", ended_at=NOON, end_reason=reason, record_path=None)
    call = await calls.get("c1")
    assert call is not None
    assert call.end_reason == "completed"


async def test_the_latest_calls_come_newest_first(calls: CallStore) -> None:
    for call_id, minutes in (("b", 2), ("c", 3), ("a", 1)):
        await calls.start(a_call(call_id, minutes=minutes))
    assert [call.id for call in await calls.latest(2)] == ["c", "b"]


async def test_the_latest_calls_of_one_persona_leave_out_others(calls: CallStore) -> None:
    await calls.start(a_call("s", persona="survey"))
    await calls.start(a_call("f", persona="forms", minutes=1))
    assert [call.id for call in await calls.latest(5, persona="survey")] == ["s"]


async def test_times_come_back_aware_and_as_the_same_moment(calls: CallStore) -> None:
    in_tokyo = datetime(2026, 11, 5, 21, 0, tzinfo=timezone(timedelta(hours=9)))
    await calls.start(CallRow("c1", "survey", in_tokyo))
    call = await calls.get("c1")
    assert call is not None
    assert call.started_at == NOON
    assert call.started_at.tzinfo is not None
