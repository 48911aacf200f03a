"""Holds the call: the product's model in an agent session with one tool, on a line that the endpoint's clock keeps."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from livekit.agents import Agent, AgentSession, function_tool

from benchmarks.faults.job import INSTRUCTIONS, MODEL, VOICE
from benchmarks.faults.livekit_call import LinePhone
from benchmarks.faults.speech import TOOL
from benchmarks.footprint import Footprint, footprint
from benchmarks.long_call.caller import Caller, Moment, Turn
from benchmarks.long_call.line import FastClock, NumberedInput
from benchmarks.long_call.sounds import FIRST, LAST, Hearing
from benchmarks.long_call.streams import Streams
from benchmarks.serving import Served
from nova_agent.session import new_session
from nova_agent.simulate.line import Line
from nova_agent.sonic import RealtimeModel, SonicCredentials, SonicEndpoint
from nova_agent.sonic.conductor import Limits

REGION: Final = "us-east-1"
QUARTERS: Final = 4
_PATIENCE_S: Final = 9.0
"""Real seconds: a stream that says nothing is given up after six of them."""
_TOOL_S: Final = 0.3
_LATE_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One call. All but ``speed`` in seconds of the line, which are ``speed`` times as short as real ones.

    ``life_s``: how long the endpoint lets a stream live. ``rotate_s`` and ``rotate_by_s``: see :class:`Limits`.
    """

    minutes: float
    speed: float
    life_s: float
    rotate_s: float
    rotate_by_s: float

    @property
    def limits(self) -> Limits:
        return Limits(rotate_s=self.rotate_s / self.speed, rotate_by_s=self.rotate_by_s / self.speed)


@dataclass(slots=True)
class Held:
    """What came of the call. ``samples``: of the caller's, handed to the agent. ``speed``: at which the line ran."""

    turns: list[Turn] = field(default_factory=list)
    tool_runs: Counter[int] = field(default_factory=Counter)
    streams: Streams = field(default_factory=Streams)
    hearing: Hearing = field(default_factory=Hearing)
    quarters: list[Footprint] = field(default_factory=list)
    samples: int = 0
    dropped_slots: int = 0
    ended: str = ""
    real_s: float = 0.0


async def hold(plan: Plan, served: Served, tell: Callable[[str], None]) -> Held:
    """Hold the call to its end."""
    held = Held()
    began = time.monotonic()
    line = Line(clock=FastClock(plan.speed))
    ear = NumberedInput(line.input)
    async with _agent(plan, served, held, line, ear) as (session, phone):
        caller = Caller(phone, held.hearing, _moment(plan, held, session), patience_ms=_PATIENCE_S * plan.speed * 1000)
        quarter_ms = plan.minutes * 60_000 / QUARTERS
        for number in range(FIRST, LAST + 1):
            if phone.ended is not None or line.now_ms >= QUARTERS * quarter_ms:
                break
            held.turns.append(await caller.ask(number))
            while line.now_ms >= (len(held.quarters) + 1) * quarter_ms:
                held.quarters.append(footprint())
                tell(_progress(held, line))
        held.ended = phone.ended or "all was asked"
    held.samples, held.dropped_slots = ear.samples, line.input.dropped_slots
    held.real_s = time.monotonic() - began
    return held


def _progress(held: Held, line: Line) -> str:
    lost = sum(turn.latency_ms is None for turn in held.turns)
    now = held.quarters[-1]
    return (
        f"{line.now_ms / 60_000:.1f} min of the line: {len(held.turns)} turns, {lost} lost, "
        f"{held.streams.rotated} rotations, {now.traced_bytes / 2**20:.2f} MiB traced, {now.rss_bytes / 2**20:.1f} MiB"
    )


def _moment(plan: Plan, held: Held, session: AgentSession[None]) -> Moment:
    def is_late() -> bool:
        """Every other rotation has a monologue across it."""
        left_s = plan.rotate_s - held.streams.age_s * plan.speed
        return held.streams.rotated % 2 == 1 and 0 < left_s <= _LATE_S

    return Moment(
        rotations=lambda: held.streams.rotated,
        is_late=is_late,
        type_text=lambda text: _type(session, text),
    )


def _type(session: AgentSession[None], text: str) -> None:
    session.generate_reply(user_input=text)


@asynccontextmanager
async def _agent(
    plan: Plan, served: Served, held: Held, line: Line, ear: NumberedInput
) -> AsyncIterator[tuple[AgentSession[None], LinePhone]]:
    """An agent that has started, and a line that runs."""
    model = RealtimeModel(
        model=MODEL,
        voice=VOICE,
        endpoint=SonicEndpoint(served.url, REGION, Path(served.ca_bundle)),
        credentials=SonicCredentials(),
        limits=plan.limits,
        observer=held.streams.observe,
    )
    session = new_session(None)
    session.input.audio, session.output.audio = ear, line.output
    phone = LinePhone(line)
    session.on("close", phone.on_closed)
    tool = _look_up(held.tool_runs, _TOOL_S / plan.speed)
    await session.start(Agent(instructions=INSTRUCTIONS, llm=model, tools=[tool]), record=False)
    carrying = asyncio.create_task(line.run())
    try:
        yield session, phone
    finally:
        await session.aclose()
        line.hang_up()
        with suppress(asyncio.CancelledError):
            await carrying
        await model.aclose()


def _look_up(runs: Counter[int], wait_s: float) -> Any:
    """The tool, which counts how often it runs for each question."""

    async def look_up(number: int) -> str:
        """Look the answer up.

        Args:
            number: The number of the question.
        """
        runs[number] += 1
        await asyncio.sleep(wait_s)
        return json.dumps({"number": number})

    return function_tool(look_up, name=TOOL)
