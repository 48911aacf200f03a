"""A call that is cancelled while it is taken down is taken down all the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from livekit.agents import AgentSession

from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import Line
from nova_agent.simulate.runner import local_app
from settings import load
from tests.fakes.personas import TwoPersonas


async def test_a_call_that_is_cancelled_while_it_closes_ends_whole(
    tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, closing, close = load(), asyncio.Event(), AgentSession.aclose

    async def close_slowly(session: AgentSession[object]) -> None:
        closing.set()
        await asyncio.sleep(0.2)
        await close(session)

    monkeypatch.setattr(AgentSession, "aclose", close_slowly)
    settings = base.model_copy(
        update={
            "store": base.store.model_copy(update={"url": f"sqlite+aiosqlite:///{tmp_path}/nova.db"}),
            "record": base.record.model_copy(update={"directory": tmp_path / "calls"}),
            "local": base.local.model_copy(update={"ca_directory": authority}),
        }
    )
    async with local_app(settings) as app:
        before = asyncio.all_tasks()
        call, line = replace(app, registry=TwoPersonas()).new_call("front_desk"), Line()
        holding, carrying = asyncio.create_task(place_call(call, line)), asyncio.create_task(line.run())
        await asyncio.sleep(1.0)
        call.hang_up()
        async with asyncio.timeout(20):
            await closing.wait()
            holding.cancel()
            await asyncio.wait((holding,))
        line.hang_up()
        await carrying
        row = await app.stores.calls.get(call.request.call_id)
        left = {task.get_name() for task in asyncio.all_tasks() - before}
    assert row is not None
    assert row.ended_at is not None
    assert not {name for name in left if name.startswith(("sonic-", "AgentSession", "AgentActivity", "Call."))}
