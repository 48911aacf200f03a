"""Another persona takes over: the announcement is played to its end, then the next one speaks in its own voice."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nova_agent.call import Call
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import AgentFinishedPlaying, Line
from nova_agent.simulate.runner import local_app
from settings import load
from tests.fakes.personas import TwoPersonas

SPEED = 4.0


async def converse(call: Call, line: Line, turns: dict[str, str]) -> list[AgentFinishedPlaying]:
    """Type each turn when the agent has said its phrase, and hold the call to its end."""
    cues: asyncio.Queue[str] = asyncio.Queue()
    played: list[AgentFinishedPlaying] = []
    line.subscribe(lambda event: played.append(event) if isinstance(event, AgentFinishedPlaying) else None)
    call.record.subscribe(lambda event: cues.put_nowait(event["text"]) if event["event"] == "turn.agent" else None)

    async def type_turns() -> None:
        while True:
            said = await cues.get()
            for phrase, words in turns.items():
                if phrase in said:
                    await call.type_text(words)

    carrying, typing = asyncio.create_task(line.run()), asyncio.create_task(type_turns())
    try:
        async with asyncio.timeout(60):
            await place_call(call, line)
    finally:
        typing.cancel()
        line.hang_up()
        await asyncio.gather(carrying, typing, return_exceptions=True)
    return played


@pytest.fixture
def settings(tmp_path: Path) -> Any:
    base = load()
    return base.model_copy(
        update={
            "store": base.store.model_copy(update={"url": f"sqlite+aiosqlite:///{tmp_path}/nova.db"}),
            "record": base.record.model_copy(update={"directory": tmp_path / "calls"}),
            "local": base.local.model_copy(update={"ca_directory": tmp_path / "ca"}),
        }
    )


async def test_a_caller_is_handed_to_the_service_they_ask_for(settings: Any) -> None:
    async with local_app(settings, speed=SPEED) as app:
        call = replace(app, registry=TwoPersonas(), strict_records=True).new_call("front_desk")
        turns = {"your name": "I want to talk to billing instead.", "Which invoice": "Number twelve."}
        played = await converse(call, Line(speed=SPEED), turns)

    lines = [json.loads(line) for line in call.record.path.read_text().splitlines()]
    agent = [(line["persona"], line["text"]) for line in lines if line["event"] == "turn.agent"]
    entered = [(line["name"], line["voice"]) for line in lines if line["event"] == "persona.entered"]
    streams = [line for line in lines if line["event"] == "sonic.stream_opened"]
    assert entered == [("front_desk", "tiffany"), ("billing", "matthew")]
    assert agent[:3] == [
        ("front_desk", "Front desk here. What is your name?"),
        ("front_desk", "One moment, I will connect you with our billing team."),
        ("billing", "Billing here. Which invoice is it about?"),
    ]
    assert len(streams) == 2
    assert not any(event.interrupted for event in played)
    assert lines[-1]["summary"]["end_reason"] == "completed"
