"""A caller without ears or a mouth of its own: it reads what the agent said and plays speech made beforehand.

So the process that is measured holds no models, and spends next to nothing on the caller.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.probe import CallProbe
from nova_agent.simulate.delivery import deliver
from nova_agent.simulate.line import AgentAudio, AgentFinishedPlaying, Line, LineEvent
from nova_agent.simulate.local_speech import CallerParts, LocalVoice
from nova_agent.simulate.pcm import CALLER_RATE_HZ, Pcm, resample
from nova_agent.simulate.plan import Plan
from nova_agent.simulate.script import Script, load_script

SCRIPT: Final = Path(__file__).with_name("caller.yaml")
SURVEY: Final = Path(__file__).with_name("survey.yaml")

_THINKING_MS: Final = 300
"""Between the agent's last word and the caller's first."""
_PATIENCE_MS: Final = 8_000

Speech = Mapping[str, Pcm]
"""Each line of the script, as mono s16 at 16 kHz."""


async def record_speech(parts: CallerParts, path: Path) -> None:
    """Speak every line of the script into the file ``path`` (``.npz``)."""
    script = load_script(SCRIPT)
    voice = LocalVoice(parts.mouth, script.voice)
    spoken = [resample(await deliver(step, voice), voice.rate_hz, CALLER_RATE_HZ) for step in script.steps]
    np.savez(path, *spoken)


def load_speech(path: Path) -> Speech:
    """Read what :func:`record_speech` wrote."""
    with np.load(path) as spoken:
        return {
            step.say: np.asarray(pcm, dtype=np.int16)
            for step, pcm in zip(load_script(SCRIPT).steps, spoken.values(), strict=True)
        }


class Talker:
    """Takes the caller's side of one call, and hangs up after ``turns`` answers."""

    def __init__(self, script: Script, speech: Speech, line: Line, probe: CallProbe, *, turns: int) -> None:
        self._plan = Plan(script.steps)
        self._speech = speech
        self._line = line
        self._probe = probe
        self._turns = turns
        self._agent_quiet_since_ms: int | None = None
        self._waiting_since_ms = 0
        line.subscribe(self._on_line)

    async def run(self) -> None:
        """Talk until the line has ended; hang up when enough was said, or when there is nothing to say."""
        while not self._line.ended:
            now_ms = await self._line.next_slot()
            if self._is_done():
                self._line.hang_up()
            elif (words := self._answer(now_ms)) is not None:
                await self._say(words)
            elif now_ms - self._waiting_since_ms > _PATIENCE_MS:
                self._probe.marks.stuck_on = " ".join(self._probe.agent_said) or "nothing"
                self._line.hang_up()

    def _is_done(self) -> bool:
        return len(self._probe.marks.turns) >= self._turns and self._probe.agent_was_heard

    def _answer(self, now_ms: int) -> str | None:
        quiet_since = self._agent_quiet_since_ms
        if quiet_since is None or now_ms - quiet_since < _THINKING_MS:
            return None
        cue = self._plan.match(" ".join(self._probe.agent_said))
        return None if cue is None else cue.step.say

    async def _say(self, words: str) -> None:
        self._agent_quiet_since_ms = None
        spoken = self._line.say(self._speech[words], CALLER_RATE_HZ)
        now_ms: float = self._line.now_ms
        while now_ms < spoken.end_ms and not self._line.ended:
            now_ms = await self._line.next_slot()
        self._probe.caller_finished(time.monotonic() - (now_ms - spoken.end_ms) / 1000)
        self._waiting_since_ms = self._line.now_ms

    def _on_line(self, event: LineEvent) -> None:
        match event:
            case AgentAudio():
                self._waiting_since_ms = event.start_ms
            case AgentFinishedPlaying():
                self._agent_quiet_since_ms = event.at_ms


async def hold_line(line: Line, talker: Talker) -> None:
    """Carry the line and the caller until somebody hangs up."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(line.run(), name="benchmarks.line")
        tasks.create_task(talker.run(), name="benchmarks.talker")
