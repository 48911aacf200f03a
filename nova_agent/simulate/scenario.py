"""One scenario: a scripted caller and an agent on one line, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Protocol

import structlog

from nova_agent.errors import NovaError
from nova_agent.simulate.caller import Heard, Said, SyntheticCaller
from nova_agent.simulate.clock import Clock
from nova_agent.simulate.line import Line
from nova_agent.simulate.recorder import StereoRecorder
from nova_agent.simulate.script import Expectation, Script
from nova_agent.simulate.speech import Hearing, Voice

_log = structlog.get_logger()

Grade = Callable[[Expectation, str], Awaitable[Sequence[str]]]
"""Takes what is expected and the call's id; returns what is wrong, one sentence a finding."""


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """How the agent's side of a call went.

    ``agent_said`` are its turns as the call record has them: in its own words, masked as the redaction level asks for.
    """

    call_id: str
    end_reason: str
    agent_said: tuple[str, ...] = ()


class Callee(Protocol):
    """Whoever picks up: the product, or a stand-in for it."""

    async def answer(self, script: Script, line: Line) -> AnsweredCall:
        """Hold the agent's side of the call until it is over. Has to return soon after the line has ended.

        Raises:
            NovaError: the call could not begin.
        """
        ...


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What came of one scenario; every field can be written as JSON.

    ``failure`` is why the conversation went wrong, ``findings`` are what is wrong in the database. Durations of the
    line are in audio; ``response_ms`` are the silences between the caller's words and the agent's.
    """

    name: str
    persona: str
    passed: bool
    failure: str | None
    findings: tuple[str, ...]
    call_id: str | None
    end_reason: str | None
    line_ms: int
    wall_s: float
    response_ms: tuple[int, ...]
    dropped_slots: int
    conversation: tuple[Heard | Said, ...]
    agent_said: tuple[str, ...] = ()
    recording: str | None = None

    @property
    def median_response_ms(self) -> int | None:
        return round(median(self.response_ms)) if self.response_ms else None


async def run_scenario(
    script: Script,
    callee: Callee,
    hearing: Hearing,
    voice: Voice,
    grade: Grade,
    *,
    recording: Path | None = None,
    clock: Clock | None = None,
) -> ScenarioResult:
    """Hold one scripted call, grade its rows, and say what came of it. Failures are results, not exceptions."""
    line = Line(speed=script.speed, clock=clock, recorder=StereoRecorder(recording) if recording else None)
    caller = SyntheticCaller(script, line, hearing, voice)
    began = time.monotonic()
    answered: AnsweredCall | None = None
    findings: tuple[str, ...] = ()
    try:
        await caller.rehearse()
        answered, failure = await _hold(caller, callee, script, line)
        if answered is not None:
            findings = tuple(await grade(script.expect, answered.call_id))
    except NovaError as error:
        failure = f"{error.code}: {error}"
    except Exception as error:  # noqa: BLE001 - a scenario's boundary: logged, and the scenario has failed
        _log.exception("scenario.crashed", scenario=script.name)
        failure = f"{type(error).__name__}: {error}"
    finally:
        line.hang_up()
    return ScenarioResult(
        name=script.name,
        persona=script.persona,
        passed=failure is None and not findings,
        failure=failure,
        findings=findings,
        call_id=answered.call_id if answered else None,
        end_reason=answered.end_reason if answered else None,
        line_ms=line.now_ms,
        wall_s=round(time.monotonic() - began, 3),
        response_ms=tuple(response_times(caller.conversation)),
        dropped_slots=line.input.dropped_slots,
        conversation=tuple(caller.conversation),
        agent_said=answered.agent_said if answered else (),
        recording=str(recording) if recording else None,
    )


async def _hold(
    caller: SyntheticCaller, callee: Callee, script: Script, line: Line
) -> tuple[AnsweredCall | None, str | None]:
    """Run both ends of the line until the call is over; returns how it went and why it failed, if it did.

    A caller that gives up hangs up, so that the rows of a failed call are graded too.
    """
    carrying = asyncio.create_task(line.run(), name="scenario.line")
    calling = asyncio.create_task(_call(caller, line), name="scenario.caller")
    try:
        answered = await callee.answer(script, line)
        line.hang_up()
        return answered, await calling
    finally:
        line.hang_up()
        calling.cancel()
        await asyncio.gather(carrying, calling, return_exceptions=True)


async def _call(caller: SyntheticCaller, line: Line) -> str | None:
    """Take the caller's side; returns why it failed, or None."""
    try:
        await caller.run()
    except NovaError as error:
        return str(error)
    except TimeoutError:
        return "the caller's ears did not answer in time"
    finally:
        line.hang_up()
    return None


def response_times(conversation: Sequence[Heard | Said]) -> list[int]:
    """How long the agent let the caller wait, in ms of audio, for each utterance that it answered."""
    ordered = sorted(conversation, key=lambda entry: entry.start_ms)
    return [
        round(after.start_ms - before.end_ms)
        for before, after in pairwise(ordered)
        if isinstance(before, Said) and isinstance(after, Heard) and after.start_ms >= before.end_ms
    ]
