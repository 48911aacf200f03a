"""The agent's process: takes a job on standard input, holds its calls, and writes what it measured to standard output.

``python -m benchmarks.agent`` is started by :mod:`benchmarks.processes`; every run is a fresh interpreter.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import psutil  # type: ignore[import-untyped]  # ships no types
from pydantic import AnyHttpUrl, TypeAdapter

from benchmarks.marks import AgentRun, CallMarks, Usage
from benchmarks.plugins import PluginName, observe
from benchmarks.probe import CallProbe
from benchmarks.talker import SCRIPT, SURVEY, Speech, Talker, hold_line, load_speech
from nova_agent.bootstrap import App, open_app
from nova_agent.log import configure_logging
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import Line
from nova_agent.simulate.script import load_script
from settings import Settings, load

_STAGGER_S: Final = 1.3
"""Calls that run side by side begin apart, as they do in life."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """``calls`` one after another, each ``turns`` long, or with ``window_s`` so many at once for so many seconds.

    With a window, ``sonic_pid`` is the endpoint's process, whose usage is taken over the same window.
    """

    endpoint_url: str
    ca_bundle: Path
    speech: Path
    plugin: PluginName = "ours"
    turn_detection: Literal["HIGH", "MEDIUM", "LOW"] = "MEDIUM"
    calls: int = 1
    turns: int = 0
    window_s: float = 0.0
    sonic_pid: int = 0


async def run_job(job: Job) -> AgentRun:
    """Hold the job's calls and return what they showed."""
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        async with open_app(_settings(job, Path(folder))) as app:
            caller = _Caller(job, app, load_speech(job.speech))
            idle_rss_bytes = _rss_bytes()
            if job.window_s:
                agent, sonic = await caller.call_at_once()
                return AgentRun(caller.held, idle_rss_bytes, agent, sonic)
            await caller.call_in_turn()
            return AgentRun(caller.held, idle_rss_bytes)


class _Caller:
    """Places the calls of one job."""

    def __init__(self, job: Job, app: App, speech: Speech) -> None:
        self._job = job
        self._app = app
        self._speech = speech
        self._script = load_script(SCRIPT)
        self._probes: list[CallProbe] = []

    @property
    def held(self) -> list[CallMarks]:
        return [probe.marks for probe in self._probes]

    async def call_in_turn(self) -> None:
        for _ in range(self._job.calls):
            await self._call(self._new_probe())

    async def call_at_once(self) -> tuple[Usage, Usage | None]:
        """Hold all calls side by side; measure from when all of them are talking."""
        probes = [self._new_probe() for _ in range(self._job.calls)]
        talking = [
            asyncio.create_task(self._call(probe, after_s=number * _STAGGER_S)) for number, probe in enumerate(probes)
        ]
        try:
            while not all(probe.marks.turns for probe in probes):
                await asyncio.sleep(0.2)
                self._check_all_talk(talking)
            agent, sonic = _meter(None), _meter(self._job.sonic_pid) if self._job.sonic_pid else None
            await asyncio.sleep(self._job.window_s)
            self._check_all_talk(talking)
            return agent(), sonic() if sonic else None
        finally:
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, return_exceptions=True)

    def _check_all_talk(self, talking: list[asyncio.Task[None]]) -> None:
        """Refuse to measure calls of which one is over: the rest would look cheap."""
        if any(task.done() for task in talking):
            raise RuntimeError(f"a call was over too soon; stuck on: {[call.stuck_on for call in self.held]}")

    def _new_probe(self) -> CallProbe:
        self._probes.append(CallProbe())
        return self._probes[-1]

    async def _call(self, probe: CallProbe, *, after_s: float = 0.0) -> None:
        await asyncio.sleep(after_s)
        call = observe(self._app, plugin_name=self._job.plugin, probe=probe).new_call(
            self._script.persona, options={"survey": str(SURVEY)}, caller_identity=f"benchmark-{id(probe)}"
        )
        call.record.subscribe(probe.on_record)
        line = Line()
        line.subscribe(probe.on_line)
        turns = sys.maxsize if self._job.window_s else self._job.turns
        talker = Talker(self._script, self._speech, line, probe, turns=turns)
        holding = asyncio.create_task(hold_line(line, talker))
        try:
            probe.call_began()
            await place_call(call, line)
        finally:
            line.hang_up()
            await asyncio.gather(holding, return_exceptions=True)


def _settings(job: Job, folder: Path) -> Settings:
    settings = load()
    sonic = settings.sonic.model_copy(
        update={
            "endpoint_url": AnyHttpUrl(job.endpoint_url),
            "ca_bundle": job.ca_bundle,
            "turn_detection": job.turn_detection,
        }
    )
    store = settings.store.model_copy(update={"url": f"sqlite+aiosqlite:///{folder}/nova.db"})
    record = settings.record.model_copy(update={"directory": folder / "calls", "redaction": "none"})
    return settings.model_copy(update={"sonic": sonic, "store": store, "record": record})


def _meter(pid: int | None) -> Callable[[], Usage]:
    """Begin a window over a process (``None``: this one); the function returned ends it."""
    process = psutil.Process(pid)

    def cpu_s() -> float:
        times = process.cpu_times()
        return float(times.user + times.system)

    began, cpu_began = time.monotonic(), cpu_s()
    return lambda: Usage(time.monotonic() - began, cpu_s() - cpu_began, int(process.memory_info().rss))


def _rss_bytes() -> int:
    return int(psutil.Process().memory_info().rss)


def main() -> None:
    """Do the job that stands on standard input."""
    configure_logging("error", json=False)
    job = TypeAdapter(Job).validate_json(sys.stdin.buffer.read())
    print(json.dumps(asdict(asyncio.run(run_job(job)))))


if __name__ == "__main__":
    main()
