"""The product as the one who picks up: a scripted call placed to the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from nova_agent.bootstrap import App
from nova_agent.call import Call
from nova_agent.simulate.line import Line
from nova_agent.simulate.scenario import AnsweredCall
from nova_agent.simulate.script import Script

CALLER_IDENTITY: Final = "simulated-caller"
"""Each call adds something of its own: a survey that a caller left half-way is offered to that caller again."""


class AppCallee:
    """Answers scripted calls with the app's personas, each in a call of its own."""

    def __init__(self, app: App, *, on_call: Callable[[Call], None] | None = None) -> None:
        """Answer with ``app``; ``on_call`` gets each call before it begins, to watch its record for instance."""
        self._app = app
        self._on_call = on_call

    async def answer(self, script: Script, line: Line) -> AnsweredCall:
        call = self._app.new_call(
            script.persona, options=script.options, caller_identity=f"{CALLER_IDENTITY}-{uuid4().hex[:8]}"
        )
        if self._on_call is not None:
            self._on_call(call)
        return await place_call(call, line)


async def place_call(call: Call, line: Line) -> AnsweredCall:
    """Hold ``call`` over ``line`` until either side ends it.

    Raises:
        NovaError: the call could not begin.
    """
    agent_said: list[str] = []
    call.record.subscribe(lambda event: agent_said.append(event["text"]) if event["event"] == "turn.agent" else None)
    hanging_up = asyncio.create_task(_hang_up_with(line, call), name="callee.hang_up")
    try:
        end_reason = await call.run(audio_input=line.input, audio_output=line.output)
    finally:
        hanging_up.cancel()
    return AnsweredCall(call.request.call_id, end_reason, tuple(agent_said))


async def _hang_up_with(line: Line, call: Call) -> None:
    await line.wait_ended()
    call.hang_up()
