"""Two tiny personas, and a registry that knows only them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from livekit.agents import function_tool

from nova_agent.errors import PersonaNotFound
from nova_agent.persona import Persona
from nova_agent.registry import PersonaRegistry
from nova_agent.reply import Expect, ToolReply
from nova_agent.userdata import ProgressSlot, RunContext_T, UserData

INSTRUCTIONS = Path(__file__).with_name("instructions.md")


class _Asker(Persona):
    """Asks one question, then is done."""

    QUESTION: ClassVar[str]

    @classmethod
    def instructions_file(cls) -> Path:
        return INSTRUCTIONS

    @classmethod
    async def opening(cls, userdata: UserData) -> ToolReply:
        times = ProgressSlot(cls.NAME, int)
        count = (times.read(userdata) or 0) + 1
        times.write(userdata, count)
        expect = Expect(
            tool="take_it", arguments={"ask": f"{cls.NAME}:{count}"}, argument="words", schema={"type": "string"}
        )
        return ToolReply(status="ok", say=cls.QUESTION, expect=expect)

    @function_tool
    async def take_it(self, context: RunContext_T, ask: str, words: str) -> str:
        """Take the caller's answer.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            words: What the caller said, word for word.
        """

        async def rules(userdata: UserData) -> ToolReply:
            userdata.end_reason = "completed"
            return ToolReply(status="done", say="Thank you. Goodbye.")

        return await self.take(context, "take_it", {"ask": ask, "words": words}, rules)


class FrontDesk(_Asker):
    NAME = "front_desk"
    SUMMARY = "front desk"
    VOICE = "tiffany"
    QUESTION = "Front desk here. What is your name?"


class Billing(_Asker):
    NAME = "billing"
    SUMMARY = "billing team"
    VOICE = "matthew"
    QUESTION = "Billing here. Which invoice is it about?"


class TwoPersonas(PersonaRegistry):
    """A registry of these two."""

    _KINDS: ClassVar[dict[str, type[Persona]]] = {"front_desk": FrontDesk, "billing": Billing}

    def __init__(self) -> None:
        """Know the two."""

    def names(self) -> list[str]:
        return sorted(self._KINDS)

    def get(self, name: str) -> type[Persona]:
        if name not in self._KINDS:
            raise PersonaNotFound(name)
        return self._KINDS[name]
