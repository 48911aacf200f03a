"""The agent session of a call: LiveKit's, without the defaults that fight Nova Sonic and without what only grows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import structlog
from livekit.agents import AgentSession, ConversationItemAddedEvent, llm
from livekit.agents.voice.events import AgentEvent, EventTypes

TYPED_TRIES: Final = 5
SPEECH_LIMIT_S: Final = 60.0
"""How long typed words wait for a caller who talks."""
ANSWER_LIMIT_S: Final = 5.0
"""How long they wait for an answer to that; a noise has none."""
HANDOVER_LIMIT_S: Final = 20.0
"""How long they wait for another agent to start."""

_log = structlog.get_logger()


class CallSession[Userdata](AgentSession[Userdata]):
    """Keeps no list of its events, and types again what was talked over.

    ``AgentSession`` keeps every event, with its speeches and their usage, for a report that only LiveKit Cloud's own
    recording asks for: 26 KiB a turn (livekit-agents 1.8.9). A call has its record.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._typing = asyncio.Lock()

    def emit(self, event: EventTypes, arg: AgentEvent) -> None:
        """Tell whoever listens."""
        super().emit(event, arg)
        self._recorded_events.clear()

    async def take_typed(self, text: str) -> None:
        """Take typed words as the caller's turn, and return when the speech that this began is over.

        Typed while the agent speaks, they wait until it has finished. A caller who talks over it in the meantime
        interrupts what waits as well, and the framework lets the words fall (livekit-agents 1.8.9): they are typed
        again, behind the answer to what was said. Words that are typed before these are come first.

        Raises:
            RuntimeError: the session does not run.
        """
        was_running = not self._is_over
        async with self._typing:
            for _ in range(TYPED_TRIES):
                await self._until_handed_over()
                if was_running and self._is_over:
                    return
                if await self._typed(text):
                    return
                await self._until_answered()
        _log.error("call.typed_words_lost", count=TYPED_TRIES)

    @property
    def _is_over(self) -> bool:
        return self._is_closing() or self._activity is None

    async def _typed(self, text: str) -> bool:
        """Type once, and tell whether the words have reached the model: they are an item of the call then."""
        has_reached = False

        def look(event: ConversationItemAddedEvent) -> None:
            nonlocal has_reached
            item = event.item
            has_reached |= isinstance(item, llm.ChatMessage) and item.role == "user" and item.text_content == text

        self.on("conversation_item_added", look)
        try:
            await self.generate_reply(user_input=text)
        finally:
            self.off("conversation_item_added", look)
        return has_reached

    async def _until_handed_over(self) -> None:
        """Wait while another agent takes over: until it has started, nothing can be typed to it (1.8.9)."""
        if (changing := self._update_activity_atask) is not None:
            await asyncio.wait((changing,), timeout=HANDOVER_LIMIT_S)

    async def _until_answered(self) -> None:
        """Wait until the caller has finished and is being answered; not for long when no answer comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SPEECH_LIMIT_S):
                await self._until("user_state_changed", lambda: self.user_state != "speaking")
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await self._until("agent_state_changed", lambda: self.agent_state == "speaking")

    async def _until(self, event: EventTypes, met: Callable[[], bool]) -> None:
        """Wait for what an event may bring about, or for the end of the session."""
        has_come = asyncio.Event()

        def look(_: AgentEvent) -> None:
            has_come.set()

        told_by: tuple[EventTypes, ...] = (event, "close")
        for name in told_by:
            self.on(name, look)
        try:
            while not (met() or self._is_over):
                has_come.clear()
                await has_come.wait()
        finally:
            for name in told_by:
                self.off(name, look)


def new_session[Userdata](userdata: Userdata) -> CallSession[Userdata]:
    """Make the session without the framework's defaults that fight Nova Sonic (livekit-agents 1.8.9).

    ``vad=None``: otherwise 240 MB of models take a second opinion on turns; ``aec_warmup_duration=None``: otherwise
    the caller is not heard for three seconds; ``user_away_timeout=None``: silence is our own policy.
    """
    options: dict[str, Any] = {"vad": None, "turn_handling": {"turn_detection": "realtime_llm"}}
    return CallSession(userdata=userdata, aec_warmup_duration=None, user_away_timeout=None, **options)
