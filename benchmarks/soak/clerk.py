"""The persona that the short calls are held with: it asks two questions and says goodbye."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from livekit.agents import function_tool

from benchmarks.soak.words import GOODBYE, QUESTIONS
from nova_agent.errors import PersonaNotFound
from nova_agent.persona import Persona
from nova_agent.registry import PersonaRegistry
from nova_agent.reply import Expect, ToolReply
from nova_agent.userdata import ProgressSlot, RunContext_T, UserData


class Clerk(Persona):
    """Asks its questions in order."""

    NAME = "clerk"
    SUMMARY = "clerk"

    @classmethod
    def instructions_file(cls) -> Path:
        return Path(__file__).with_name("clerk.md")

    @classmethod
    async def opening(cls, userdata: UserData) -> ToolReply:
        _ASKED.write(userdata, 0)
        return _question(0)

    @function_tool
    async def take_answer(self, context: RunContext_T, ask: str, words: str) -> str:
        """Take the caller's answer.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            words: What the caller said, word for word.
        """

        async def rules(userdata: UserData) -> ToolReply:
            asked = (_ASKED.read(userdata) or 0) + 1
            _ASKED.write(userdata, asked)
            if asked < len(QUESTIONS):
                return _question(asked)
            userdata.end_reason = "completed"
            return ToolReply(status="done", say=GOODBYE)

        return await self.take(context, "take_answer", {"ask": ask, "words": words}, rules)


_ASKED: Final = ProgressSlot("clerk", int)


def _question(number: int) -> ToolReply:
    expect = Expect(
        tool="take_answer", arguments={"ask": f"clerk:{number}"}, argument="words", schema={"type": "string"}
    )
    return ToolReply(status="ok", say=QUESTIONS[number], expect=expect)


class OneClerk(PersonaRegistry):
    """A registry of this one persona."""

    def __init__(self) -> None:
        """Know it."""

    def names(self) -> list[str]:
        return [Clerk.NAME]

    def get(self, name: str) -> type[Persona]:
        if name != Clerk.NAME:
            raise PersonaNotFound(name)
        return Clerk
