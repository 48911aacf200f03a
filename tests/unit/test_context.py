"""Finding a call's UserData where no context was passed: always one's own, or an error, never another's."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents.testing import fake_job_context

from nova_agent.context import live_call, userdata_for
from nova_agent.errors import AmbiguousCall, NoActiveCall
from nova_agent.userdata import CallId, UserData

CALLS = 200


def new_userdata(call_id: str, *, ctx: Any = None, on_event: Callable[..., None] | None = None) -> UserData:
    userdata = UserData(
        call_id=CallId(call_id),
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        ctx=ctx or SimpleNamespace(job=SimpleNamespace(id=call_id)),
        stores=cast("Any", SimpleNamespace()),
    )
    if on_event is not None:
        userdata.on_event = on_event
    return userdata


def in_foreign_thread(look: Callable[[], object]) -> object:
    """Run in a thread that knows nothing of the caller's context."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(look())
        except Exception as error:  # noqa: BLE001 – handed to the test
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=5)
    return found[0]


async def resolve_in_every_way(userdata: UserData) -> dict[str, str]:
    """Resolve from each place that code of a call runs in, and return the call found by each."""
    loop = asyncio.get_running_loop()
    soon: asyncio.Future[str] = loop.create_future()
    later: asyncio.Future[str] = loop.create_future()
    loop.call_soon(lambda: soon.set_result(userdata_for().call_id))
    loop.call_later(0.001, lambda: later.set_result(userdata_for().call_id))

    async def nested() -> str:
        await asyncio.sleep(0)
        return userdata_for().call_id

    copied = contextvars.copy_context()
    return {
        "given": userdata_for(cast("Any", SimpleNamespace(userdata=userdata))).call_id,
        "here": userdata_for().call_id,
        "task": await asyncio.create_task(nested()),
        "gathered": (await asyncio.gather(nested(), nested()))[1],
        "callback": await soon,
        "timer": await later,
        "worker thread": await asyncio.to_thread(lambda: userdata_for().call_id),
        "copied context": str(in_foreign_thread(lambda: copied.run(userdata_for).call_id)),
    }


async def test_two_hundred_calls_in_one_process_never_cross() -> None:
    everyone_in = asyncio.Barrier(CALLS)
    foreign: list[object] = []

    async def one_call(number: int) -> tuple[str, dict[str, str]]:
        userdata = new_userdata(f"call-{number}")
        with live_call(userdata):
            await everyone_in.wait()
            if number % 20 == 0:
                foreign.append(in_foreign_thread(userdata_for))
            found = await resolve_in_every_way(userdata)
            await everyone_in.wait()
        return userdata.call_id, found

    results = await asyncio.gather(*(one_call(number) for number in range(CALLS)))

    assert len(results) == CALLS
    assert {call_id: set(found.values()) for call_id, found in results} == {
        call_id: {call_id} for call_id, _ in results
    }
    assert len(foreign) == CALLS // 20
    assert all(isinstance(error, AmbiguousCall) for error in foreign)


def test_without_any_call_there_is_nothing_to_find() -> None:
    with pytest.raises(NoActiveCall):
        userdata_for()


def test_a_foreign_thread_finds_the_only_call() -> None:
    events: list[tuple[str, dict[str, Any]]] = []
    userdata = new_userdata("only", on_event=lambda event, **fields: events.append((event, fields)))
    with live_call(userdata):
        assert in_foreign_thread(userdata_for) is userdata
    assert events == [("userdata.fallback_used", {"path": "only_call"})]


def test_a_given_context_is_no_fallback() -> None:
    events: list[str] = []
    userdata = new_userdata("given", on_event=lambda event, **_: events.append(event))
    with live_call(userdata):
        assert userdata_for(cast("Any", SimpleNamespace(userdata=userdata))) is userdata
    assert events == []


def test_a_closed_call_is_never_returned_not_even_from_its_own_context() -> None:
    over = new_userdata("over")
    with live_call(over):
        remembered = contextvars.copy_context()
    with live_call(new_userdata("other")):
        with pytest.raises(NoActiveCall):
            remembered.run(userdata_for)
        with pytest.raises(NoActiveCall):
            userdata_for(cast("Any", SimpleNamespace(userdata=over)))


async def test_the_job_tells_between_calls_where_the_variable_is_missing() -> None:
    with fake_job_context(job_id="job-a") as ctx:
        mine = new_userdata("mine", ctx=ctx)
        with live_call(mine), live_call(new_userdata("other")):
            context = contextvars.copy_context()
            from nova_agent.context import _current  # noqa: PLC0415 – the path under test is the one without it

            context.run(_current.set, None)
            assert context.run(userdata_for) is mine


async def test_a_job_whose_call_is_over_does_not_fall_back_to_another_call() -> None:
    with live_call(new_userdata("other")), fake_job_context(job_id="gone"):
        context = contextvars.copy_context()
        from nova_agent.context import _current  # noqa: PLC0415 – the path under test is the one without it

        context.run(_current.set, None)
        with pytest.raises(NoActiveCall):
            context.run(userdata_for)


def test_two_calls_cannot_share_a_job() -> None:
    with (
        live_call(new_userdata("same")),
        pytest.raises(AmbiguousCall, match="same"),
        live_call(new_userdata("same")),
    ):
        pass
