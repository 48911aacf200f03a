"""The measured process: ``python -m benchmarks.cost.calls`` does the :class:`CostJob` on its standard input.

Each call is an ``AgentSession`` with a model of its own, and a caller who asks, hears the answer out, and asks again.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import psutil  # type: ignore[import-untyped]  # ships no types
from livekit.agents import Agent, AgentSession, llm
from pydantic import TypeAdapter

from benchmarks.cost.endpoint import ANSWER_S
from benchmarks.cost.job import CostJob, CostRun, Footprint, Turns
from benchmarks.cost.phone import RATE_HZ, SILENT_FRAME, Phone, frames_of
from benchmarks.faults.clips import load_clips
from benchmarks.faults.job import INSTRUCTIONS, MODEL, VOICE
from benchmarks.lag import LoopLag
from benchmarks.plugins import StockModel
from benchmarks.probe import CallProbe
from nova_agent.log import configure_logging
from nova_agent.simulate.pcm import CALLER_RATE_HZ, resample
from nova_agent.sonic import RealtimeModel, SonicCredentials, SonicEndpoint

_RAMP_S: Final = 6.0
_STAGGER_S: Final = 0.5
_OPENING_FRAMES: Final = 30
_PAUSE_FRAMES: Final = 20
_PATIENCE_S: Final = 8.0
_START_LIMIT_S: Final = 40.0
"""A process that is overloaded may never have answered everybody: what it leaves out then shows in its answers."""
_CLOSE_LIMIT_S: Final = 10.0
_WHOLE: Final = 0.9

Clip = tuple[bytes, ...]


class Caller:
    """One call from its session's start to its close."""

    def __init__(self, model: llm.RealtimeModel, clips: Sequence[Clip], turns: Turns) -> None:
        self._model = model
        self._clips = clips
        self._turns = turns
        self._phone = Phone()
        self.was_answered = asyncio.Event()

    async def hold(self, *, after_s: float, over: asyncio.Event) -> None:
        """Call, and talk until ``over``; the question that is asked then is still answered."""
        await asyncio.sleep(after_s)
        session: AgentSession[None] = AgentSession(
            vad=None, turn_handling={"turn_detection": "realtime_llm"}, aec_warmup_duration=None
        )
        self._phone = Phone()
        session.input.audio, session.output.audio = self._phone.input, self._phone.output
        await session.start(Agent(instructions=INSTRUCTIONS, llm=self._model), record=False)
        try:
            await self._send([SILENT_FRAME] * _OPENING_FRAMES)
            while not over.is_set():
                for clip in self._clips:
                    await self._ask(clip)
                    if over.is_set():
                        break
        finally:
            await asyncio.wait((asyncio.create_task(session.aclose()),), timeout=_CLOSE_LIMIT_S)

    def count_in(self, turns: Turns) -> None:
        """Enter the questions from the next one on there."""
        self._turns = turns

    async def _ask(self, clip: Clip) -> None:
        output, turns = self._phone.output, self._turns
        output.forget()
        turns.asked += 1
        await self._send(clip)
        asked_at = time.monotonic()
        while time.monotonic() - asked_at < _PATIENCE_S and (output.heard_s < _WHOLE * ANSWER_S or output.is_playing):
            await self._phone.send(SILENT_FRAME)
        if output.started_at is not None:
            turns.waits_s.append(output.started_at - asked_at)
        if output.heard_s >= _WHOLE * ANSWER_S:
            turns.whole += 1
            self.was_answered.set()
        await self._send([SILENT_FRAME] * _PAUSE_FRAMES)

    async def _send(self, frames: Sequence[bytes]) -> None:
        for frame in frames:
            await self._phone.send(frame)


async def measure(job: CostJob) -> CostRun:
    """Hold the calls of the job, and return what they cost once all of them talk."""
    clips = [frames_of(resample(pcm, CALLER_RATE_HZ, RATE_HZ)) for pcm in load_clips(job.clips).values()]
    models = _Models(job)
    await _warm_up(models, clips)
    idle = _footprint()
    over, opening, turns = asyncio.Event(), Turns(), Turns()
    callers = [Caller(models.make(), clips[number % len(clips) :], opening) for number in range(job.calls)]
    stagger_s = min(_STAGGER_S, _RAMP_S / job.calls)
    async with _lags() as starting_lags_s:
        holding = [
            asyncio.create_task(caller.hold(after_s=number * stagger_s, over=over))
            for number, caller in enumerate(callers)
        ]
        answered = [asyncio.create_task(caller.was_answered.wait()) for caller in callers]
        await asyncio.wait(answered, timeout=_START_LIMIT_S)
    for caller in callers:
        caller.count_in(turns)
    wall_s, cpu_s = time.monotonic(), time.process_time()
    await asyncio.sleep(job.window_s)
    wall_s, cpu_s = time.monotonic() - wall_s, time.process_time() - cpu_s
    # Apart from the rest: to wake up 50 times a second costs nearly as much as a call.
    async with _lags() as lags_s:
        await asyncio.sleep(job.window_s / 2)
    busy = _footprint()
    over.set()
    await asyncio.gather(*holding)
    return CostRun(
        wall_s=wall_s,
        cpu_s=cpu_s,
        idle=idle,
        busy=busy,
        starting_lags_s=starting_lags_s,
        lags_s=lags_s,
        turns=turns,
    )


@asynccontextmanager
async def _lags() -> AsyncIterator[list[float]]:
    """Follow the event loop's lateness within the block, in seconds; the list is filled at its end."""
    lag, found = LoopLag(), list[float]()
    following = asyncio.create_task(lag.follow())
    try:
        yield found
    finally:
        following.cancel()
        found += lag.take()


class _Models:
    """Makes one model for each call; what calls of a process share is shared."""

    def __init__(self, job: CostJob) -> None:
        self._job = job
        self._endpoint = SonicEndpoint(job.endpoint_url, "us-east-1", job.ca_bundle)
        self._credentials = SonicCredentials()

    def make(self) -> llm.RealtimeModel:
        if self._job.plugin == "stock":
            return StockModel(endpoint=self._endpoint, probe=CallProbe(), model=MODEL, voice=VOICE)
        return RealtimeModel(model=MODEL, voice=VOICE, endpoint=self._endpoint, credentials=self._credentials)


async def _warm_up(models: _Models, clips: Sequence[Clip]) -> None:
    """Hold a call of one question, so that whatever is loaded at first use is."""
    over = asyncio.Event()
    over_soon = asyncio.get_running_loop().call_later(1.0, over.set)
    await Caller(models.make(), clips, Turns()).hold(after_s=0.0, over=over)
    over_soon.cancel()


def _footprint() -> Footprint:
    gc.collect()
    process = psutil.Process()
    return Footprint(process.memory_info().rss, process.num_threads(), process.num_fds())


def main() -> None:
    """Do the job that stands on standard input."""
    configure_logging("error", json=False)
    job = TypeAdapter(CostJob).validate_json(sys.stdin.buffer.readline())
    if job.core is not None:
        os.sched_setaffinity(0, {job.core})
    print(TypeAdapter(CostRun).dump_json(asyncio.run(measure(job))).decode(), flush=True)


if __name__ == "__main__":
    main()
