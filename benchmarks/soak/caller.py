"""The caller of a short call: answers each question, typed or spoken, and leaves when it means to.

Waits are seconds of the line.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from benchmarks.long_call.sounds import FIRST, SHORT_MS, spoken
from benchmarks.soak.plan import CallPlan, Leaving
from benchmarks.soak.words import ANSWERS, QUESTIONS
from nova_agent.call import Call
from nova_agent.simulate.line import Line
from nova_agent.simulate.pcm import CALLER_RATE_HZ

PATIENCE_S: Final = 40.0
"""A caller who has heard nothing new for so long hangs up: after every wait of ours."""


class Caller:
    """Takes the caller's side."""

    def __init__(self, plan: CallPlan, call: Call, line: Line, *, speed: float) -> None:
        self._plan = plan
        self._call = call
        self._line = line
        self._speed = speed
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        call.record.subscribe(lambda event: self._take(event["text"]) if event["event"] == "turn.agent" else None)

    def _take(self, text: str) -> None:
        self._heard.put_nowait(text)

    async def talk(self) -> None:
        """Talk until the caller hangs up; to be cancelled when the call is over before that."""
        if self._plan.leaving in (Leaving.HANGS_UP, Leaving.IN_A_ROTATION):
            async with asyncio.TaskGroup() as tasks:
                answering = tasks.create_task(self._answer())
                await asyncio.sleep(self._plan.leaves_s / self._speed)
                answering.cancel()
        else:
            await self._answer()
        self._line.hang_up()

    async def _answer(self) -> None:
        try:
            while True:
                async with asyncio.timeout(PATIENCE_S / self._speed):
                    said = await self._heard.get()
                for number, question in enumerate(QUESTIONS):
                    if question in said:
                        await self._give(number)
        except TimeoutError:
            return

    async def _give(self, number: int) -> None:
        if self._plan.types[number]:
            with suppress(RuntimeError):  # the session is closing: the call is over
                await self._call.type_text(ANSWERS[number])
        else:
            self._line.say(spoken(FIRST + number, CALLER_RATE_HZ, SHORT_MS), CALLER_RATE_HZ)
