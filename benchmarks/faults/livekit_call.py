"""One call to a LiveKit agent: ``python -m benchmarks.faults.livekit_call`` does the job on its standard input."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from livekit.agents import Agent, AgentSession, CloseEvent, function_tool

from benchmarks.faults.caller import Caller, CallSeen
from benchmarks.faults.clips import load_clips
from benchmarks.faults.job import INSTRUCTIONS, Job, do_job
from benchmarks.faults.models import livekit_model
from benchmarks.faults.speech import TOOL
from nova_agent.simulate.line import Line
from nova_agent.simulate.pcm import CALLER_RATE_HZ, Pcm


class LinePhone:
    """A simulated line as the caller holds it."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.ended: str | None = None

    @property
    def now_ms(self) -> float:
        return self._line.now_ms

    def say(self, pcm: Pcm) -> float:
        return self._line.say(pcm, CALLER_RATE_HZ).end_ms

    def listen(self, listener: Callable[[float, Pcm], None]) -> None:
        self._line.on_agent_audio(lambda audio: listener(audio.start_ms, audio.pcm))

    async def next_slot(self) -> None:
        await self._line.next_slot()

    def on_closed(self, event: CloseEvent) -> None:
        """The agent's session is over."""
        error = getattr(event.error, "error", event.error)
        self.ended = f"session closed ({event.reason.value}): {error}"

    def on_started(self, starting: asyncio.Task[Any]) -> None:
        """The agent's session has started, or could not."""
        if not starting.cancelled() and (error := starting.exception()) is not None:
            self.ended = f"session not started: {type(error).__name__}: {error}"


def look_up_tool(runs: Counter[int]) -> Any:
    """The tool, which counts how often it runs for each question."""

    async def look_up(number: int) -> str:
        """Look the answer up.

        Args:
            number: The number of the question.
        """
        runs[number] += 1
        return json.dumps({"number": number})

    return function_tool(look_up, name=TOOL)


async def call(job: Job, tell: Callable[[CallSeen], None]) -> None:
    """Hold the call, tell what was seen, take the agent down."""
    session: AgentSession[None] = AgentSession(
        vad=None, turn_handling={"turn_detection": "realtime_llm"}, aec_warmup_duration=None
    )
    line, runs = Line(), Counter[int]()
    session.input.audio, session.output.audio = line.input, line.output
    phone = LinePhone(line)
    session.on("close", phone.on_closed)
    agent = Agent(instructions=INSTRUCTIONS, llm=livekit_model(job), tools=[look_up_tool(runs)])
    carrying = asyncio.create_task(line.run())
    starting = asyncio.create_task(session.start(agent, record=False))
    starting.add_done_callback(phone.on_started)
    seen = await Caller(phone, load_clips(job.clips_path), job.patience).run(job.turns)
    seen.tool_runs = dict(runs)
    tell(seen)
    await session.aclose()
    line.hang_up()
    await carrying


if __name__ == "__main__":
    do_job(call)
