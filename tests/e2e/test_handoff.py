"""Another persona takes over: the announcement is played to its end, then the next one speaks in its own voice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nova_agent.call import Call
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import AgentAudio, AgentFinishedPlaying, Line
from nova_agent.simulate.runner import local_app
from nova_agent.sonic.quota import StreamQuotas
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
    assert [line["persona"] for line in streams] == ["front_desk", "billing"]
    order = [(line["event"], line["persona"]) for line in lines]
    announced = next(n for n, line in enumerate(lines) if line["event"] == "turn.agent" and "connect" in line["text"])
    assert order.index(("sonic.stream_opened", "billing")) < announced < order.index(("persona.entered", "billing"))
    assert {line["persona"] for line in lines[:announced] if line["event"] != "sonic.stream_opened"} <= {
        None,
        "front_desk",
    }
    assert not any(event.interrupted for event in played)
    assert lines[-1]["summary"]["end_reason"] == "completed"


class Announced:
    """Does something as soon as the stream of the next persona is open, while it is still being announced."""

    def __init__(self, call: Call, line: Line, then: Callable[[], object]) -> None:
        self._then = then
        self._is_open = self._is_done = False
        call.record.subscribe(self._on_record)
        line.subscribe(self._on_line)

    def _on_record(self, event: dict[str, Any]) -> None:
        self._is_open = self._is_open or (event["event"], event["persona"]) == ("sonic.stream_opened", "billing")

    def _on_line(self, event: object) -> None:
        if self._is_open and not self._is_done and isinstance(event, AgentAudio):
            self._is_done = True
            self._then()


def read(call: Call) -> list[dict[str, Any]]:
    return [json.loads(line) for line in call.record.path.read_text().splitlines()]


async def test_a_caller_who_interrupts_the_announcement_hears_nothing_that_is_out_of_date(settings: Any) -> None:
    async with local_app(settings, speed=SPEED) as app:
        call, line = replace(app, registry=TwoPersonas(), strict_records=True).new_call("front_desk"), Line(speed=SPEED)
        speaking: list[asyncio.Task[None]] = []

        async def interrupt() -> None:
            assert call._session is not None
            await call._session.interrupt()
            await call.type_text("Wait a moment, is that the right team?")

        Announced(call, line, lambda: speaking.append(asyncio.create_task(interrupt())))
        turns = {"your name": "I want to talk to billing instead.", "Which invoice": "Number twelve."}
        played = await converse(call, line, turns)
        await asyncio.gather(*speaking)
        streams_left = app.quotas.of("us-east-1").in_use()

    lines = read(call)
    said = [(line["persona"], line["text"]) for line in lines if line["event"] == "turn.agent"]
    assert [event.interrupted for event in played].count(True) == 1
    assert [line["persona"] for line in lines if line["event"] == "sonic.stream_opened"] == [
        "front_desk",
        "billing",
        "billing",
    ]
    assert [text for persona, text in said if persona == "billing"] == [
        "Billing here. Which invoice is it about?",
        "Thank you. Goodbye.",
    ]
    assert streams_left == 0


async def test_a_caller_who_hangs_up_during_the_announcement_leaves_no_stream(settings: Any) -> None:
    async with local_app(settings, speed=SPEED) as app:
        call, line = replace(app, registry=TwoPersonas(), strict_records=True).new_call("front_desk"), Line(speed=SPEED)
        Announced(call, line, line.hang_up)
        before = asyncio.all_tasks()
        await converse(call, line, {"your name": "I want to talk to billing instead."})
        left = {task.get_name() for task in asyncio.all_tasks() - before if "sonic" in task.get_name().lower()}
        streams_left = app.quotas.of("us-east-1").in_use()

    lines = read(call)
    assert [line["persona"] for line in lines if line["event"] == "sonic.stream_opened"] == ["front_desk", "billing"]
    assert not [line for line in lines if line["event"] == "persona.entered" and line["name"] == "billing"]
    assert lines[-1]["summary"]["end_reason"] == "caller-hung-up"
    assert (streams_left, left) == (0, set())


async def test_without_a_place_for_another_stream_the_next_persona_begins_when_the_first_has_left(
    settings: Any,
) -> None:
    async with local_app(settings, speed=SPEED) as app:
        alone = replace(app, registry=TwoPersonas(), strict_records=True, quotas=StreamQuotas(1))
        call = alone.new_call("front_desk")
        turns = {"your name": "I want to talk to billing instead.", "Which invoice": "Number twelve."}
        await converse(call, Line(speed=SPEED), turns)

    lines = read(call)
    streams = [
        (line["event"], line["persona"], line["reason"])
        for line in lines
        if line["event"] in ("sonic.stream_opened", "sonic.stream_failed")
    ]
    assert streams == [
        ("sonic.stream_opened", "front_desk", "start"),
        ("sonic.stream_failed", "billing", "no-place-yet"),
        ("sonic.stream_opened", "billing", "start"),
    ]
    assert lines[-1]["summary"]["end_reason"] == "completed"
