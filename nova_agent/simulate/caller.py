"""A synthetic caller: ears, a voice and a script. It knows only what a caller hears."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nova_agent.errors import ScenarioFailed
from nova_agent.simulate.delivery import deliver
from nova_agent.simulate.line import AgentAudio, AgentFinishedPlaying, Line, LineEvent, Spoken
from nova_agent.simulate.pcm import AGENT_RATE_HZ, CALLER_RATE_HZ, Pcm, resample
from nova_agent.simulate.plan import Cue, Plan
from nova_agent.simulate.script import Script
from nova_agent.simulate.speech import Hearing, Voice
from nova_agent.simulate.turns import AgentTurn, TurnTracker

_TRANSCRIBE_LIMIT_S: Final = 30.0
_LISTEN_AGAIN_MS: Final = 1_000
"""How often a caller who waits for a phrase to interrupt makes out what has been said so far."""
_REMEMBERED: Final = 3
"""How many of the agent's turns a failure quotes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a caller waits, in line time.

    ``for_step_ms`` counts only while nobody speaks; ``after_last_step_ms`` and ``altogether_ms`` count always.
    """

    for_step_ms: int = 20_000
    after_last_step_ms: int = 60_000
    altogether_ms: int = 900_000


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn of the agent, as the caller made it out."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the caller said. ``over_agent``: the agent was speaking when it began."""

    step: int
    start_ms: float
    end_ms: float
    text: str
    over_agent: bool


@dataclass(frozen=True, slots=True)
class _Pending:
    cue: Cue
    due_ms: float


class SyntheticCaller:
    """Takes the caller's side of one call on ``line``, by ``script``."""

    def __init__(
        self, script: Script, line: Line, ears: Hearing, mouth: Voice, *, patience: Patience | None = None
    ) -> None:
        self._line = line
        self._ears = ears
        self._mouth = mouth
        self._steps = script.steps
        self._plan = Plan(script.steps)
        self._patience = patience or Patience()
        self._turns = TurnTracker()
        self._speech: Mapping[int, Pcm] = {}
        self._unanswered: list[str] = []
        self._pending: _Pending | None = None
        self._last_spoken = Spoken(-1.0, 0.0)
        self._listened_at_ms: int | None = None
        self._quiet_ms = 0
        self._clock_ms = 0
        self._done_at_ms: int | None = None
        self.conversation: list[Heard | Said] = []
        line.subscribe(self._on_line)

    async def rehearse(self) -> None:
        """Synthesise every line of the script, so that nothing said in the call is late."""
        self._speech = {number: await deliver(step, self._mouth) for number, step in enumerate(self._steps, 1)}

    async def run(self) -> None:
        """Talk until the line ends.

        Raises:
            ScenarioFailed: a step was not called for in time, the call ended before the script did, or it did
                not end after it. The line may still be open then: hang up.
        """
        if not self._speech:
            await self.rehearse()
        while not self._line.ended:
            now_ms = await self._line.next_slot()
            await self._listen(now_ms)
            await self._act(now_ms)
            self._check_patience(now_ms)
        if (last := self._turns.finish()) is not None:
            await self._make_out(last)
        awaited = self._plan.awaited
        if awaited is not None:
            raise ScenarioFailed(f"the call ended before step {awaited.number}, {self._story(awaited)}")

    def _on_line(self, event: LineEvent) -> None:
        match event:
            case AgentAudio():
                self._turns.audio_played(event)
            case AgentFinishedPlaying():
                self._turns.playback_ended()

    async def _listen(self, now_ms: int) -> None:
        """Make out the agent's turn if it is over, and whether it calls for a step."""
        turn = self._turns.completed(now_ms)
        if turn is None:
            return
        text = await self._make_out(turn)
        if turn.start_ms > self._last_spoken.start_ms:
            self._unanswered.append(text)
        self._look_for_cue(turn)

    async def _make_out(self, turn: AgentTurn) -> str:
        text = await self._transcribe(turn.pcm)
        self.conversation.append(Heard(turn.start_ms, turn.end_ms, text))
        return text

    def _look_for_cue(self, turn: AgentTurn) -> None:
        if self._pending is not None:
            return
        cue = self._plan.match(" ".join(self._unanswered))
        if cue is not None:
            wait_ms = cue.step.silent_ms or (0 if cue.step.barges_in else cue.step.after_ms)
            self._choose(cue, turn.end_ms + wait_ms)

    def _choose(self, cue: Cue, due_ms: float) -> None:
        self._plan.take(cue)
        self._unanswered.clear()
        self._pending = _Pending(cue, due_ms)
        self._quiet_ms = 0

    async def _act(self, now_ms: int) -> None:
        """Do what is due. A polite caller lets the agent finish; one that barges in does not."""
        if self._line.caller_is_speaking:
            return
        if self._pending is None:
            await self._consider_barging_in(now_ms)
            return
        agent_speaks = self._turns.started_ms is not None
        says_something = bool(self._pending.cue.step.say)
        if now_ms < self._pending.due_ms or (agent_speaks and says_something):
            return
        cue, self._pending = self._pending.cue, None
        self._perform(cue, over_agent=False)

    async def _consider_barging_in(self, now_ms: int) -> None:
        cue, started_ms = self._plan.barge_in(), self._turns.started_ms
        if cue is None or started_ms is None or started_ms <= self._last_spoken.start_ms:
            return
        if now_ms < started_ms + (cue.step.barge_in_ms or 0):
            return
        if cue.step.when and not await self._heard_so_far(cue, started_ms, now_ms):
            return
        self._choose(cue, now_ms)
        self._pending = None
        self._perform(cue, over_agent=self._turns.started_ms is not None)

    async def _heard_so_far(self, cue: Cue, started_ms: int, now_ms: int) -> bool:
        """Whether what the agent has said of its turn up to now calls for ``cue``."""
        listened_ms = self._listened_at_ms
        if listened_ms is not None and listened_ms >= started_ms and now_ms - listened_ms < _LISTEN_AGAIN_MS:
            return False
        self._listened_at_ms = now_ms
        heard = await self._transcribe(self._turns.so_far())
        return self._plan.match(" ".join((*self._unanswered, heard))) == cue

    def _perform(self, cue: Cue, *, over_agent: bool) -> None:
        if cue.step.say:
            self._unanswered.clear()
            self._last_spoken = spoken = self._line.say(self._speech[cue.number], self._mouth.rate_hz)
            said = Said(cue.number, spoken.start_ms, spoken.end_ms, cue.step.say, over_agent)
            self.conversation.append(said)
        if cue.step.hang_up and not cue.step.say:
            self._line.hang_up()
        elif cue.step.hang_up:
            silent_end = cue.step.model_copy(update={"say": ""})
            self._pending = _Pending(Cue(cue.number, silent_end), self._last_spoken.end_ms)

    def _check_patience(self, now_ms: int) -> None:
        """Count the silence in which the caller waits, and give up in the end.

        Raises:
            ScenarioFailed: enough.
        """
        passed_ms, self._clock_ms = now_ms - self._clock_ms, now_ms
        if now_ms > self._patience.altogether_ms:
            raise ScenarioFailed(f"the call has not ended after {now_ms / 1000:.0f} s, {self._story(None)}")
        awaited = self._plan.awaited
        if awaited is None:
            self._check_end(now_ms)
            return
        if self._turns.started_ms is None and self._pending is None and not self._line.caller_is_speaking:
            self._quiet_ms += passed_ms
        if self._quiet_ms >= self._patience.for_step_ms:
            seconds = self._patience.for_step_ms / 1000
            raise ScenarioFailed(f"step {awaited.number} was not called for in {seconds:g} s, {self._story(awaited)}")

    def _check_end(self, now_ms: int) -> None:
        if self._done_at_ms is None:
            self._done_at_ms = now_ms
        if now_ms - max(self._done_at_ms, self._last_spoken.end_ms) > self._patience.after_last_step_ms:
            seconds = self._patience.after_last_step_ms / 1000
            raise ScenarioFailed(f"the call did not end within {seconds:g} s of the last step, {self._story(None)}")

    def _story(self, awaited: Cue | None) -> str:
        """What was waited for and what was heard, for a person who reads the failure."""
        turns = [entry.text for entry in self.conversation if isinstance(entry, Heard)][-_REMEMBERED:]
        heard = "; ".join(f'"{text}"' for text in turns) or "nothing at all"
        waited = f"which waits for {awaited.step.awaited()}; " if awaited else ""
        return f"{waited}last heard: {heard}"

    async def _transcribe(self, pcm: Pcm) -> str:
        async with asyncio.timeout(_TRANSCRIBE_LIMIT_S):
            return await self._ears.transcribe(resample(pcm, AGENT_RATE_HZ, CALLER_RATE_HZ))
