"""One call from start to end: its record, its session, its personas, and how it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Any, Final
from uuid import uuid4

import structlog
from livekit import rtc
from livekit.agents import (
    AgentSession,
    CloseEvent,
    ConversationItemAddedEvent,
    JobContext,
    llm,
)
from livekit.agents.testing import fake_job_context
from livekit.agents.voice import io

from nova_agent import metrics
from nova_agent.calllog import CallRecord
from nova_agent.context import live_call
from nova_agent.errors import NovaError, SonicError
from nova_agent.handoff import NextPersona
from nova_agent.lost import LostLine, LostPlan, Transfer
from nova_agent.loudspeaker import Loudspeaker
from nova_agent.messages import Messages
from nova_agent.parting import LastWords
from nova_agent.persona import Persona
from nova_agent.registry import PersonaRegistry
from nova_agent.reply import ASK_AGAIN_SENTENCE
from nova_agent.session import CallSession, new_session
from nova_agent.sonic import RealtimeModel
from nova_agent.store import CallRow, Stores
from nova_agent.transfer import SipTransfer
from nova_agent.userdata import CallerFacts, CallId, Role, UserData

START_LIMIT_S: Final = 20.0
CLOSE_LIMIT_S: Final = 15.0

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class CallLimits:
    """Time limits in seconds; see the settings of the same names."""

    farewell_start_s: float = 8.0
    farewell_limit_s: float = 30.0
    max_duration_s: float = 1800.0


@dataclass(frozen=True, kw_only=True)
class CallRequest:
    """Who calls whom. ``options`` go to the persona, for instance which survey."""

    persona: str
    options: Mapping[str, str] = field(default_factory=dict)
    caller_identity: str = ""
    caller: CallerFacts = field(default_factory=CallerFacts)
    call_id: CallId = field(default_factory=lambda: CallId(f"call_{uuid4().hex[:16]}"))


@dataclass(frozen=True, kw_only=True)
class CallParts:
    """What a call is built from; put together in ``bootstrap.py``."""

    stores: Stores
    registry: PersonaRegistry
    new_record: Callable[[CallId], CallRecord]
    new_model: Callable[[str, Callable[..., None]], RealtimeModel]
    """Takes a voice and an observer of the stream."""
    ready: Callable[[], Awaitable[None]]
    """Raises a ``NovaError`` when no model could be reached, for instance for want of credentials."""
    clock: Callable[[], datetime]
    messages: Messages
    """What the caller hears when no model can speak."""
    lost: LostPlan = field(default_factory=LostPlan)
    new_transfer: Callable[[JobContext, rtc.Room | None], Transfer] = SipTransfer
    limits: CallLimits = field(default_factory=CallLimits)


class Call:
    """One call. Make it, ``run`` it once, and read its ``record``.

    Raises:
        PersonaNotFound: the request names no persona there is.
        ContentInvalid: the request's options ask for content that is not there, or is wrong.
        RecordError: the call's record cannot be written; a call without one is not held.
    """

    def __init__(self, request: CallRequest, parts: CallParts) -> None:
        self.request = request
        self._parts = parts
        parts.registry.get(request.persona).check_options(request.options)
        self.record = parts.new_record(request.call_id)
        self._session: CallSession[UserData] | None = None
        self._over: asyncio.Future[str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_finishing = False
        limits = parts.limits
        self._last_words = LastWords(start_limit_s=limits.farewell_start_s, limit_s=limits.farewell_limit_s)
        self._parting: asyncio.Task[None] | None = None
        self._next = NextPersona(kind_of=parts.registry.get, new_model=self._new_model)
        self._played_s: float | None = None
        self._lost = LostLine(
            parts.lost,
            parts.messages,
            record=self.record.write,
            end=self.hang_up,
            ask=self._ask_to_speak,
            works=self._works,
            settled=self._settled,
        )
        self._unready: NovaError | None = None

    # -- from outside ----------------------------------------------------------------------------------------

    async def run(
        self,
        *,
        ctx: JobContext | None = None,
        room: rtc.Room | None = None,
        audio_input: io.AudioInput | None = None,
        audio_output: io.AudioOutput | None = None,
    ) -> str:
        """Hold the call until it is over, and return why it ended.

        Args:
            ctx: the LiveKit job; ``None`` runs in a job of its own, without a LiveKit server.
            room: the room to talk in; ``None`` talks through the given audio only.
            audio_input: the caller's audio, when it does not come from the room.
            audio_output: where the agent's audio goes, when not into the room.

        Raises:
            NovaError: the call could not begin; its record says why. Whoever was on the line has been told.
        """
        self._over = asyncio.get_running_loop().create_future()
        async with AsyncExitStack() as stack:
            if ctx is None:
                ctx = stack.enter_context(fake_job_context(job_id=self.request.call_id))
            userdata = self._new_userdata(ctx)
            stack.enter_context(live_call(userdata))
            stack.enter_context(self._recorded(userdata))
            await self._parts.stores.calls.start(self._row(userdata))
            stack.push_async_callback(self._finish_whole, userdata)
            self._lost.transfers_by(self._parts.new_transfer(ctx, room))
            stack.push_async_callback(self._lost.aclose)
            await self._check_readiness(on_the_line=room is not None or audio_output is not None)
            await self._begin(userdata, room, audio_input, audio_output)
            reason = await self._until_over(userdata)
            if self._unready is not None:
                raise self._unready
            return reason

    def hang_up(self, reason: str = "caller-hung-up") -> None:
        """End the call. The first reason counts."""
        if self._over is not None and not self._over.done():
            self._over.set_result(reason)

    async def type_text(self, text: str) -> None:
        """Take typed words as the caller's turn; returns when the speech that this began is over.

        An answer that a tool leads to is a speech of its own and comes later.
        """
        if self._session is not None:
            await self._session.take_typed(text)

    # -- beginning and end -----------------------------------------------------------------------------------

    def _new_userdata(self, ctx: JobContext) -> UserData:
        request = self.request
        userdata = UserData(
            call_id=request.call_id,
            started_at=self._parts.clock(),
            participant_identity=request.caller_identity,
            caller=request.caller,
            options=dict(request.options),
            current_persona=request.persona,
            ctx=ctx,
            stores=self._parts.stores,
            clock=self._parts.clock,
        )
        userdata.on_event = lambda event, **fields: self._on_event(userdata, event, fields)
        userdata.on_unanswered = self._lost.unanswered
        userdata.privacy = self.record.redactor
        userdata.shared_context["services"] = self._parts.registry.services()
        return userdata

    def _row(self, userdata: UserData) -> CallRow:
        return CallRow(
            id=userdata.call_id,
            persona=userdata.current_persona,
            started_at=userdata.started_at,
            caller_identity=userdata.participant_identity or None,
            record_path=str(self.record.path),
            options=dict(userdata.options),
        )

    @contextmanager
    def _recorded(self, userdata: UserData) -> Iterator[None]:
        """Open and close the record, whatever happens between."""
        self.record.write(
            "call.started",
            caller_identity=userdata.participant_identity or None,
            options=dict(userdata.options),
            redaction=self.record.redactor.level,
            version=version("nova-agent"),
        )
        reason = "failed"
        try:
            yield
            reason = userdata.end_reason or "unknown"
        except asyncio.CancelledError:
            reason = "cancelled"
            raise
        except NovaError as error:
            reason = userdata.end_reason or error.code
            raise
        finally:
            self.record.end(reason)

    async def _begin(
        self,
        userdata: UserData,
        room: rtc.Room | None,
        audio_input: io.AudioInput | None,
        audio_output: io.AudioOutput | None,
    ) -> None:
        userdata.validate()
        ready = await self._next.now(userdata.current_persona, userdata)
        ready.take_over(userdata)
        persona = ready.persona
        session = self._session = userdata.session = new_session(userdata)
        session.input.audio = audio_input
        if audio_output is not None:
            self._speak_through(session, audio_output)
        session.on("conversation_item_added", lambda ev: self._on_item(userdata, ev))
        session.on("speech_created", lambda ev: self._last_words.speech_created(ev.speech_handle))
        session.on("close", self._on_close)
        if (model := self._model_of(userdata)) is not None:
            model.attend(session)
        userdata.transition_to("talking")
        in_room: dict[str, Any] = {} if room is None else {"room": room}
        try:
            async with asyncio.timeout(START_LIMIT_S):
                # session_host=False: hosting would hand the instructions to anyone in the room.
                await session.start(persona, record=False, session_host=False, **in_room)
        except TimeoutError as error:
            raise SonicError(f"the agent session did not start within {START_LIMIT_S:.0f} s") from error
        if audio_output is None and session.output.audio is not None:
            self._speak_through(session, session.output.audio)
        self._entered(userdata, persona)

    # -- when the model cannot be had --------------------------------------------------------------------------

    def _settled(self) -> str | None:
        return self._session.userdata.end_reason if self._session is not None else None

    def _works(self) -> bool:
        """Whether a tool runs or another persona takes over, so that it is not the model's turn."""
        if self._session is None:
            return False
        userdata = self._session.userdata
        return userdata.lock.locked() or userdata.next_persona is not None or userdata.state == "handing_over"

    def _ask_to_speak(self) -> None:
        """Not by a reply of the framework's: it would wait for the one that does not come."""
        if self._session is not None and (model := self._model_of(self._session.userdata)) is not None:
            model.ask(ASK_AGAIN_SENTENCE)

    async def _check_readiness(self, *, on_the_line: bool) -> None:
        """Find out whether a model can be reached; with somebody on the line that goes on beside the beginning."""
        if not on_the_line:
            await self._parts.ready()
            return
        checking = asyncio.create_task(self._tell_if_unready(), name="Call.readiness")
        self._tasks.add(checking)
        checking.add_done_callback(self._tasks.discard)

    async def _tell_if_unready(self) -> None:
        try:
            await self._parts.ready()
        except NovaError as error:
            self._unready = error
            self._lost.gave_up("no-credentials")

    def _speak_through(self, session: AgentSession[UserData], line: io.AudioOutput) -> None:
        """Put the loudspeaker before the line, so that messages can be played on it."""
        speaker = Loudspeaker(line)
        speaker.on("playback_started", lambda _: self._on_speech(session.userdata))
        speaker.on("playback_finished", self._on_played)
        session.output.audio = speaker
        self._lost.speaks_through(speaker)

    async def _until_over(self, userdata: UserData) -> str:
        if self._over is None:
            raise NovaError("the call was not begun")
        try:
            async with asyncio.timeout(self._parts.limits.max_duration_s):
                reason = await self._over
        except TimeoutError:
            reason = "max-duration"
        userdata.end_reason = userdata.end_reason or reason
        return userdata.end_reason

    async def _finish_whole(self, userdata: UserData) -> None:
        """Finish, also when the call is cancelled meanwhile: half taken down, it would stay so for ever."""
        finishing = asyncio.create_task(self._finish(userdata), name="Call.finish")
        try:
            await asyncio.shield(finishing)
        except asyncio.CancelledError:
            await asyncio.wait((finishing,))
            raise

    async def _finish(self, userdata: UserData) -> None:
        """Leave nothing behind: tasks, session, database row."""
        self._is_finishing = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_LIMIT_S)
        self._next.discard()
        if self._session is not None:
            await self._close(self._session.aclose())
        await self._close(self._next.aclose())
        userdata.transition_to("ended")
        await self._parts.stores.calls.finish(
            userdata.call_id,
            ended_at=self._parts.clock(),
            end_reason=userdata.end_reason or "failed",
            record_path=str(self.record.path),
        )

    async def _close(self, closing: Awaitable[None]) -> None:
        """Wait until something is closed, 15 s at most; whatever that comes to, the call's row must end."""
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await closing
        except Exception:  # noqa: BLE001 – the call is over, and its end goes on
            _log.error("call.close_blocked", limit_s=CLOSE_LIMIT_S, exc_info=True)

    # -- personas --------------------------------------------------------------------------------------------

    def _new_model(self, name: str, userdata: UserData) -> RealtimeModel:
        """Make a persona's model; the events of its streams are the persona's own, whoever is in charge."""
        voice = self._parts.registry.get(name).VOICE
        model = self._parts.new_model(voice, partial(userdata.on_event, persona=name))
        model.watcher = self._lost
        if self._session is not None:
            model.attend(self._session)
        return model

    def _entered(self, userdata: UserData, persona: Persona) -> None:
        previous = userdata.shared_context.get("previous_agent")
        userdata.on_event("persona.entered", name=persona.NAME, voice=persona.VOICE, previous=previous)

    def _prepare_next(self, userdata: UserData) -> None:
        if userdata.next_persona is not None and userdata.end_reason is None:
            self._next.prepare(userdata.next_persona, userdata)
            if isinstance(leaving := userdata.personas[userdata.current_persona].llm, RealtimeModel):
                leaving.announce()

    async def _hand_off(self, userdata: UserData, name: str) -> None:
        """Let another persona take over, with a bounded, speech-only history."""
        if self._session is None:
            return
        userdata.transition_to("handing_over")
        ready = await self._next.take(name, userdata)
        leaving = userdata.personas[userdata.current_persona].llm
        if ready is not None and isinstance(leaving, RealtimeModel):
            # Its place among the streams is not needed: the next stream has one.
            leaving.is_leaving = True
        ready = ready or await self._next.now(name, userdata)
        ready.take_over(userdata)
        userdata.validate()
        self._session.update_agent(ready.persona)
        userdata.transition_to("talking")
        self._entered(userdata, ready.persona)

    # -- what happens during the call ------------------------------------------------------------------------

    def _on_event(self, userdata: UserData, event: str, fields: Mapping[str, Any]) -> None:
        self.record.write(event, **({"persona": userdata.current_persona} | dict(fields)))
        metrics.count(event, fields)
        if event == "tool.returned" and (userdata.end_reason or userdata.next_persona):
            self._part(userdata)

    def _on_item(self, userdata: UserData, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage) or not (text := (item.text_content or "").strip()):
            return
        role: Role = "user" if item.role == "user" else "agent"
        if role == "agent" and item.interrupted:
            heard = self._heard_of(userdata, item.id)
            text = text if heard is None else heard
        if role == "user":
            self._next.discard()
        if not text:
            userdata.agent_was_cut_off()
            return
        turn = userdata.add_conversation_turn(role, text, interrupted=item.interrupted)
        self.record.write(
            f"turn.{role}",
            persona=turn.persona,
            text=text,
            **({"interrupted": item.interrupted} if role == "agent" else {"typed": item.transcript_confidence is None}),
        )

    def _on_speech(self, userdata: UserData) -> None:
        userdata.agent_began_to_speak()
        self._lost.answer_began()

    def _on_played(self, event: io.PlaybackFinishedEvent) -> None:
        self._played_s = event.playback_position

    def _heard_of(self, userdata: UserData, answer_id: str) -> str | None:
        """What the caller heard of an answer that was cut off; a room's own transcript is cut by LiveKit."""
        model = self._model_of(userdata)
        return None if self._played_s is None or model is None else model.spoken.heard(answer_id, self._played_s)

    @staticmethod
    def _model_of(userdata: UserData) -> RealtimeModel | None:
        """The model of the persona in charge."""
        persona = userdata.personas.get(userdata.current_persona)
        model = persona.llm if persona is not None else None
        return model if isinstance(model, RealtimeModel) else None

    def _on_close(self, event: CloseEvent) -> None:
        if event.error is not None:
            _log.error("call.session_failed", reason=event.reason.value)
            self.hang_up("sonic-failed")
        else:
            self.hang_up("session-closed")

    # -- parting: the farewell or the announcement is played, then the call ends or another persona takes over ---

    def _part(self, userdata: UserData) -> None:
        if self._is_finishing:
            return  # a tool may return while the call is taken down
        self._prepare_next(userdata)
        if self._parting is not None and not self._parting.done():
            return
        self._last_words.expect()
        self._parting = asyncio.create_task(self._after_last_words(userdata), name="Call.parting")
        self._tasks.add(self._parting)
        self._parting.add_done_callback(self._tasks.discard)

    async def _after_last_words(self, userdata: UserData) -> None:
        await self._last_words.wait(begun=lambda: self._prepare_next(userdata), interrupted=self._next.discard)
        await self._part_now(userdata)

    async def _part_now(self, userdata: UserData) -> None:
        name, userdata.next_persona = userdata.next_persona, None
        if userdata.end_reason is None and name is not None:
            try:
                await self._hand_off(userdata, name)
            except Exception:  # noqa: BLE001 – a task's boundary: logged, and the call is ended
                _log.exception("call.handoff_failed", persona=name)
                self._lost.gave_up("handoff-failed")
            return
        self._next.discard()
        if userdata.state != "ending":
            userdata.transition_to("ending")
        self.hang_up(userdata.end_reason or "completed")
