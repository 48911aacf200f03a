"""The stock handoff: livekit-plugins-aws with one model per persona, and ``session.update_agent``.

As LiveKit's own examples do it: each agent has its model, gets the conversation so far without the tools of it, and
speaks first from ``on_enter``. Personas, SYSTEM texts, tool results and sentences are the same as ours.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from livekit.agents import Agent, AgentSession, ConversationItemAddedEvent, function_tool, llm

from benchmarks.handoff.caller import Caller
from benchmarks.handoff.job import REGION, Job
from benchmarks.plugins import StockModel
from benchmarks.probe import CallProbe
from nova_agent.handoff import HISTORY_ACROSS_HANDOFF, open_persona
from nova_agent.parting import LastWords
from nova_agent.persona import system_text
from nova_agent.reply import BEGIN_SENTENCE, ToolReply
from nova_agent.simulate.line import Line
from nova_agent.sonic import SonicEndpoint
from nova_agent.userdata import CallId, UserData
from settings import load
from tests.fakes.personas import FrontDesk, TwoPersonas

_OTHER: Final = {"front_desk": "billing", "billing": "front_desk"}


async def hold_stock(job: Job, line: Line, caller: Caller) -> None:
    """Hold the call until the caller hangs up."""
    session: AgentSession[None] = AgentSession(
        vad=None, turn_handling={"turn_detection": "realtime_llm"}, aec_warmup_duration=None, user_away_timeout=None
    )
    session.input.audio, session.output.audio = line.input, line.output
    desk = Desk(job, session)
    session.on("conversation_item_added", lambda event: _tell(event, caller))
    session.on("speech_created", lambda event: desk.announcement.speech_created(event.speech_handle))
    await session.start(await desk.agent(FrontDesk.NAME, llm.ChatContext.empty()), record=False)
    talking = asyncio.create_task(caller.talk(lambda words: _typed(session, words)))
    await line.wait_ended()
    await talking
    await session.aclose()


class Desk:
    """What the agents of one call share."""

    def __init__(self, job: Job, session: AgentSession[None]) -> None:
        self.announcement = LastWords(start_limit_s=8, limit_s=30)
        self._session = session
        self._endpoint = SonicEndpoint(job.endpoint_url, REGION, Path(job.ca_bundle))
        self._registry = TwoPersonas()
        self._handing_over: set[asyncio.Task[None]] = set()
        self._userdata = UserData(
            call_id=CallId("stock"),
            started_at=datetime.now(UTC),
            current_persona=FrontDesk.NAME,
            shared_context={"services": self._registry.services()},
            ctx=cast("Any", SimpleNamespace()),
            stores=cast("Any", SimpleNamespace()),
        )

    async def agent(self, name: str, history: llm.ChatContext) -> StockPersona:
        """Make a persona's agent, with a model of its own."""
        kind, sonic = self._registry.get(name), load().sonic
        opened = await open_persona(name, kind, self._userdata)
        opened.take_over(self._userdata)
        model = StockModel(
            endpoint=self._endpoint,
            probe=CallProbe(),
            model=sonic.model,
            voice=kind.VOICE,
            turn_detection=sonic.turn_detection,
            temperature=sonic.temperature,
            top_p=sonic.top_p,
            max_tokens=sonic.max_tokens,
        )
        return StockPersona(self, name, system_text(kind, opened.userdata, opened.reply), model, history)

    def announce(self, leaving: StockPersona) -> str:
        """Return the announcement for the model to say; when it has been played, the other agent takes over."""
        other = _OTHER[leaving.id]
        self.announcement.expect()
        task = asyncio.create_task(self._hand_over(other, leaving))
        self._handing_over.add(task)
        task.add_done_callback(self._handing_over.discard)
        summary = self._registry.get(other).SUMMARY
        return ToolReply(status="done", say=f"One moment, I will connect you with our {summary}.").to_wire()

    async def _hand_over(self, other: str, leaving: StockPersona) -> None:
        await self.announcement.wait()
        history = leaving.chat_ctx.copy(
            exclude_instructions=True, exclude_function_call=True, exclude_handoff=True, exclude_config_update=True
        )
        self._session.update_agent(await self.agent(other, history.truncate(max_items=HISTORY_ACROSS_HANDOFF)))


class StockPersona(Agent):
    """One persona on the stock plugin."""

    def __init__(self, desk: Desk, name: str, instructions: str, model: Any, history: llm.ChatContext) -> None:
        super().__init__(instructions=instructions, llm=model, chat_ctx=history, id=name)
        self._desk = desk

    async def on_enter(self) -> None:
        self.session.generate_reply(instructions=BEGIN_SENTENCE)

    @function_tool
    async def switch_persona(self, ask: str, persona: str) -> str:
        """The caller wants another of our services.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            persona: The name of the service from the directive's data.services, or what the caller called it.
        """
        return self._desk.announce(self)

    @function_tool
    async def take_it(self, ask: str, words: str) -> str:
        """Take the caller's answer.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            words: What the caller said, word for word.
        """
        return ToolReply(status="done", say="Thank you. Goodbye.").to_wire()


async def _typed(session: AgentSession[None], words: str) -> None:
    await session.generate_reply(user_input=words)


def _tell(event: ConversationItemAddedEvent, caller: Caller) -> None:
    item = event.item
    if isinstance(item, llm.ChatMessage) and item.role == "assistant" and (text := (item.text_content or "").strip()):
        caller.on_said(text)
