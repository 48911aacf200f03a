"""A model that takes the stream and never says a word does not leave a caller in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl

from nova_agent.bootstrap import open_app
from nova_agent.calllog import read_record
from nova_agent.localsonic.brain.port import Action, Conversation
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import Line
from settings import load


class SilentBrain:
    async def act(self, conversation: Conversation) -> Sequence[Action]:
        return []


async def test_a_call_that_the_model_never_answers_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    base = load()
    async with LocalSonic(LocalSonicConfig(ca_dir=tmp_path), brain_factory=SilentBrain) as sonic:
        there = {
            "endpoint_url": AnyHttpUrl(sonic.endpoint_url),
            "ca_bundle": sonic.ca_bundle,
            "reply_timeout_s": 1.0,
        }
        settings = base.model_copy(
            update={
                "sonic": base.sonic.model_copy(update=there),
                "store": base.store.model_copy(update={"url": f"sqlite+aiosqlite:///{tmp_path}/nova.db"}),
                "record": base.record.model_copy(update={"directory": tmp_path / "calls"}),
            }
        )
        async with open_app(settings) as app:
            call, line = app.new_call("survey"), Line()
            carrying = asyncio.create_task(line.run())
            async with asyncio.timeout(20):
                answered = await place_call(call, line)
            line.hang_up()
            await carrying
    assert answered.end_reason == "no-answer"
    assert read_record(call.record.path).events[-1]["summary"]["cause"] == "no-answer"
    assert read_record(call.record.path).status == "ended"
