"""The caller, who types: speech is not what is measured here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from nova_agent.simulate.line import Line
from tests.fakes.personas import Billing, FrontDesk

WAITS_MS: Final = 400
"""From the end of a persona's question until the caller asks for the other one."""
_WISHES: Final = {
    FrontDesk.QUESTION: "I want to talk to billing instead.",
    Billing.QUESTION: "I want to talk to the front desk instead.",
}


class Caller:
    """Asks for the other persona whenever one has put its question, and hangs up after the last handoff."""

    def __init__(self, line: Line, handoffs: int) -> None:
        self.said: list[str] = []
        self._line = line
        self._left = handoffs
        self._cues: asyncio.Queue[str] = asyncio.Queue()

    def on_said(self, text: str) -> None:
        """Take what a persona has said to its end."""
        self.said.append(text)
        self._cues.put_nowait(text)

    async def talk(self, type_text: Callable[[str], Awaitable[object]]) -> None:
        """Take the caller's side of the call."""
        while True:
            wish = _WISHES.get(await self._cues.get())
            if wish is None:
                continue
            until_ms = self._line.now_ms + WAITS_MS
            while self._line.now_ms < until_ms:
                await self._line.next_slot()
            if self._left == 0:
                self._line.hang_up()
                return
            self._left -= 1
            await type_text(wish)
