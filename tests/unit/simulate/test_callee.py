from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace
from typing import Any

import pytest

from nova_agent.simulate.callee import AppCallee, place_call
from nova_agent.simulate.line import Line
from nova_agent.simulate.runner import _any_credentials
from nova_agent.simulate.script import Script


class FakeCall:
    """Lasts until somebody hangs up, or ends by itself when it has a reason."""

    def __init__(self, reason: str | None = None) -> None:
        self.request = SimpleNamespace(call_id="call-1")
        self.reason = asyncio.get_running_loop().create_future()
        self.audio: tuple[Any, Any] | None = None
        self.subscribers: list[Any] = []
        self.record = SimpleNamespace(subscribe=self.subscribers.append)
        if reason is not None:
            self.reason.set_result(reason)

    async def run(self, *, audio_input: Any, audio_output: Any) -> str:
        self.audio = (audio_input, audio_output)
        for event in ({"event": "turn.agent", "text": "Hello."}, {"event": "turn.user", "text": "Hi."}):
            for subscriber in self.subscribers:
                subscriber(event)
        return await self.reason

    def hang_up(self) -> None:
        if not self.reason.done():
            self.reason.set_result("caller-hung-up")


async def test_the_agent_talks_over_the_line() -> None:
    call: Any = FakeCall("completed")
    line = Line()
    answered = await place_call(call, line)
    assert (answered.call_id, answered.end_reason) == ("call-1", "completed")
    assert answered.agent_said == ("Hello.",)
    assert call.audio == (line.input, line.output)


async def test_a_caller_that_hangs_up_ends_the_call() -> None:
    call: Any = FakeCall()
    line = Line()
    answering = asyncio.create_task(place_call(call, line))
    await asyncio.sleep(0)
    line.hang_up()
    assert (await asyncio.wait_for(answering, 1)).end_reason == "caller-hung-up"


async def test_every_call_is_another_callers() -> None:
    asked: list[tuple[str, dict[str, str], str]] = []

    def new_call(persona: str, *, options: dict[str, str], caller_identity: str) -> FakeCall:
        asked.append((persona, options, caller_identity))
        return FakeCall("completed")

    app: Any = SimpleNamespace(new_call=new_call)
    steps = [{"any": True, "say": "hi"}]
    script = Script.model_validate({"persona": "survey", "options": {"survey": "intake"}, "steps": steps})
    for _ in range(2):
        await AppCallee(app).answer(script, Line())
    assert asked[0][:2] == ("survey", {"survey": "intake"})
    assert asked[0][2] != asked[1][2]


def test_local_credentials_leave_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with _any_credentials():
        assert os.environ["AWS_ACCESS_KEY_ID"] == os.environ["AWS_SECRET_ACCESS_KEY"] == "local-sonic"
    assert os.environ["AWS_ACCESS_KEY_ID"] == "mine"
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ
