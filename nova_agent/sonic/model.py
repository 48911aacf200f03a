"""The plugin's RealtimeModel: what all sessions of one persona have in common.

Everything else stays the plugin's; what its sessions lack is in ``session.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from livekit.agents import AgentSession, ToolCallEnded, ToolCallStarted, ToolExecutionUpdatedEvent, llm
from livekit.plugins.aws.experimental import realtime as aws

from nova_agent.sonic.credentials import SonicCredentials
from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.limits import Limits
from nova_agent.sonic.quota import StreamQuotas
from nova_agent.sonic.regions import Regions
from nova_agent.sonic.session import CLOSE_LIMIT_S, RealtimeSession
from nova_agent.sonic.spoken import SpokenAnswers

Observer = Callable[..., None]
"""Told what happens to a stream: ``observer(event_name, **fields)``."""


class StreamWatcher(Protocol):
    """Told how a session fares with its streams, and left to deal with it when there is none."""

    def without_stream(self, reason: str, *, owes: bool) -> None:
        """No stream serves and one is looked for: ``start``, or why the last one failed; ``owes`` an answer."""
        ...

    def with_stream(self) -> None:
        """A stream serves."""
        ...

    def gave_up(self, cause: str) -> None:
        """No stream can be had any more."""
        ...


def _ignore(_event: str, **_fields: Any) -> None:
    """Observe nothing."""


class RealtimeModel(aws.RealtimeModel):
    """Nova Sonic for one persona: the voice lives on the model.

    Args:
        model: Bedrock model id.
        voice: Nova Sonic voice id, lower case.
        endpoint: where the model is reached.
        credentials: shared by all models of the process.
        observer: told about streams, tokens and time to first audio.
        regions: where else to try; by default the endpoint alone.
        quotas: count the streams of this host; by default nobody counts.
        limits: when streams are replaced.
        turn_detection: how soon a pause ends the caller's turn.
        temperature, top_p, max_tokens: set explicitly, because the plugin forces 1.0 for the first two beside tools.
        reply_timeout_s: how long ``generate_reply`` waits for an answer to begin.
    """

    def __init__(
        self,
        *,
        model: str,
        voice: str,
        endpoint: SonicEndpoint,
        credentials: SonicCredentials,
        observer: Observer = _ignore,
        regions: Regions | None = None,
        quotas: StreamQuotas | None = None,
        limits: Limits | None = None,
        turn_detection: Any = "MEDIUM",
        temperature: float = 0.7,
        top_p: float = 0.9,
        max_tokens: int = 1024,
        reply_timeout_s: float = 10.0,
    ) -> None:
        super().__init__(
            model=model,
            voice=voice,
            region=endpoint.region,
            turn_detection=turn_detection,
            temperature=temperature,
            top_p=top_p,
            max_tokens=max_tokens,
            tool_choice="auto",
            generate_reply_timeout=reply_timeout_s,
        )
        self.endpoint = endpoint
        self.credentials = credentials
        self.observer = observer
        self.regions = regions or Regions([endpoint])
        self.quotas = quotas or StreamQuotas()
        self.limits = limits or Limits()
        self.system_now: Callable[[], str] | None = None
        """Makes the SYSTEM text of the next stream; without it every stream gets the agent's instructions."""
        self.watcher: StreamWatcher | None = None
        """Without one, a session that is given up emits an unrecoverable error, and the framework closes the call."""
        self._agent_session: AgentSession[Any] | None = None
        self._running = set[str]()
        self.spoken = SpokenAnswers()
        self.under_way = False
        """The persona takes over in a call that is held already: its streams get the places kept for those."""
        self._prepared: RealtimeSession | None = None
        self.is_leaving = False
        """Another persona is about to speak: nobody is to wait until a session is closed."""
        self._closing: set[asyncio.Task[None]] = set()

    def session(self, *, turn_detection_disabled: bool = False) -> RealtimeSession:
        """Return the session that was prepared, else a new one.

        The service's own turn detection cannot be turned off.
        """
        prepared, self._prepared = self._prepared, None
        return prepared or self._new_session()

    def _new_session(self) -> RealtimeSession:
        session = RealtimeSession(self)
        self._sessions.add(session)
        return session

    def ask(self, text: str) -> None:
        """Type a sentence in the place of a caller who got no answer; what comes of it is played like any answer."""
        for session in self._sessions:
            if isinstance(session, RealtimeSession):
                session.ask(text)

    # -- what the framework does with the model's calls -------------------------------------------------------

    def attend(self, agent_session: AgentSession[Any]) -> None:
        """See which calls this agent session runs: those that it lets fall are then offered to it again."""
        self._agent_session = agent_session
        agent_session.on("tool_execution_updated", self._on_tool)

    @property
    def is_attended(self) -> bool:
        """Whether it is known what the framework does."""
        return self._agent_session is not None

    def is_framework_busy(self) -> bool:
        """Whether a tool runs, or a speech is current, which may carry a call, or be played before one is run."""
        return bool(self._running) or (
            self._agent_session is not None and self._agent_session.current_speech is not None
        )

    def _on_tool(self, event: ToolExecutionUpdatedEvent) -> None:
        match event.update:
            case ToolCallStarted(function_call=call):
                self._running.add(call.call_id)
                for session in self._sessions:
                    if isinstance(session, RealtimeSession):
                        session.tool_began(call.call_id)
            case ToolCallEnded(call_id=call_id):
                self._running.discard(call_id)
            case _:
                pass

    # -- one persona takes over from another -----------------------------------------------------------------

    async def prepare(
        self, *, instructions: str, chat_ctx: llm.ChatContext, tools: Sequence[llm.Tool], begin: str
    ) -> None:
        """Open the stream of the next :meth:`session` ahead of it, and let the model begin; nothing of it is heard.

        The framework describes that session once more, with the same, and its ``generate_reply`` gets the answer that
        has begun. When the stream fails before that, it is given up, and the next session is a new one.

        Args:
            instructions: the SYSTEM text.
            chat_ctx: what was said before.
            tools: the persona's.
            begin: the sentence that lets the model speak first.
        """
        self._prepared = self._new_session()
        await self._prepared.prepare(instructions=instructions, chat_ctx=chat_ctx, tools=tools, begin=begin)

    def announce(self) -> None:
        """Another persona is being announced: let it speak soon after the last sound of that."""
        for session in self._sessions:
            if isinstance(session, RealtimeSession):
                session.announce()

    @property
    def is_prepared(self) -> bool:
        """Whether a stream is open or about to open, and has not failed."""
        return self._prepared is not None

    def discard(self) -> None:
        """Close what was prepared, unheard. :meth:`aclose` waits for that."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            self.close_later(prepared.stop())

    def close_later(self, closing: asyncio.Task[None]) -> None:
        """Keep a session's last task until it is done."""
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        """Close what was prepared, and wait for everything that closes in the background, 8 s at most."""
        self.discard()
        if self._closing:
            _, late = await asyncio.wait(self._closing, timeout=CLOSE_LIMIT_S)
            if late:
                self.observer("sonic.stream_failed", reason="close-blocked")
