"""Who speaks next: a persona's opening and its stream, made ready while the persona before still speaks.

Nothing of it counts until the persona takes over. What has become stale meanwhile is thrown away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import structlog
from livekit.agents import llm

from nova_agent.errors import NovaError
from nova_agent.persona import Persona, system_text, with_services
from nova_agent.reply import BEGIN_SENTENCE, ToolReply
from nova_agent.sonic import RealtimeModel
from nova_agent.userdata import CallState, Role, UserData

HISTORY_ACROSS_HANDOFF: Final = 10
"""Spoken turns that the next persona's stream begins with."""
OPENING_LIMIT_S: Final = 20.0
_OWN_COURSE: Final = frozenset({"conversation_history", "directive", "state", "state_history"})
"""What of a call's state moves on by itself while the persona before speaks, and no opening writes."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Opened:
    """A persona's first directive, and the call as it stands with it.

    ``userdata`` is a copy of the call's, which the opening was made on; ``before`` is what stood in the call's.
    """

    name: str
    kind: type[Persona]
    reply: ToolReply
    userdata: UserData
    before: Mapping[str, Any]
    events: list[tuple[str, dict[str, Any]]]

    def is_right_for(self, userdata: UserData) -> bool:
        """Whether the call still stands as it did, apart from what was said."""
        return _state_of(userdata) == self.before

    def take_over(self, userdata: UserData) -> None:
        """Let it count: the persona is in charge, and its first directive is open."""
        userdata.prev_agent = self.userdata.prev_agent
        userdata.end_reason = userdata.end_reason or self.userdata.end_reason
        for name, value in _state_of(self.userdata).items():
            if value != self.before[name]:
                setattr(userdata, name, value)
        for event, told in self.events:
            userdata.on_event(event, **told)
        userdata.open_directive(self.reply)


async def open_persona(name: str, kind: type[Persona], userdata: UserData) -> Opened:
    """Make a persona's opening on a copy of the call's data, as if the persona had taken over.

    Raises:
        NovaError: the persona cannot begin, or has not within 20 s.
    """
    before, leaving = _state_of(userdata), userdata.current_persona
    events: list[tuple[str, dict[str, Any]]] = []
    copied: dict[str, Any] = deepcopy(before) | {"current_persona": name}
    if name != leaving:
        copied["shared_context"]["previous_agent"] = leaving
    ahead = replace(
        userdata,
        **copied,
        conversation_history=list(userdata.conversation_history),
        state_history=list(userdata.state_history),
        prev_agent=userdata.personas.get(leaving),
        lock=asyncio.Lock(),
        on_event=lambda event, **told: events.append((event, told)),
        end_reason=None,
        next_persona=None,
    )
    try:
        async with asyncio.timeout(OPENING_LIMIT_S):
            reply = with_services(ahead, await kind.opening(ahead))
    except TimeoutError as error:
        raise NovaError(f"the persona {name!r} did not open within {OPENING_LIMIT_S:.0f} s") from error
    return Opened(name, kind, reply, ahead, before, events)


@dataclass(frozen=True, slots=True)
class Ready:
    """A persona that can take over."""

    opened: Opened
    persona: Persona
    model: RealtimeModel

    def take_over(self, userdata: UserData) -> None:
        """Put the persona in charge of the call."""
        opened = self.opened
        opened.take_over(userdata)
        userdata.personas[opened.name] = self.persona
        # A stream that is opened later in the call is told how things stand then.
        self.model.system_now = lambda: system_text(
            opened.kind, userdata, userdata.directive.reply if userdata.directive is not None else opened.reply
        )


class NextPersona:
    """Makes the next persona of a call ready, and owns every model that the call's personas got.

    Args:
        kind_of: finds a persona by its name.
        new_model: makes the model of a persona; its events are told to the call that the data belongs to.
    """

    def __init__(
        self, *, kind_of: Callable[[str], type[Persona]], new_model: Callable[[str, UserData], RealtimeModel]
    ) -> None:
        self._kind_of = kind_of
        self._new_model = new_model
        self._models: list[RealtimeModel] = []
        self._opened: Opened | None = None
        self._ahead: _Ahead | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def now(self, name: str, userdata: UserData) -> Ready:
        """Return the persona without a stream; that opens when the framework asks for it.

        Raises:
            NovaError: there is no such persona, or it cannot begin.
        """
        opened, self._opened = await self._open(name, userdata), None
        return self._seated(opened, userdata, spoken_history(userdata))

    def prepare(self, name: str, userdata: UserData) -> None:
        """Begin to make a persona ready that is being announced, unless it is under way and still right."""
        ahead = self._ahead
        if ahead is not None and ahead.is_right_for(name, userdata):
            return
        self.discard()
        ahead = self._ahead = _Ahead(name, _state_of(userdata), _words(userdata))
        task = asyncio.create_task(self._prepare(ahead, userdata), name="NextPersona.prepare")
        ahead.preparing = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def discard(self) -> None:
        """Throw away what was made ready: its stream is closed, and what it wanted to say is not heard."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return
        if ahead.preparing is not None:
            ahead.preparing.cancel()
        if ahead.ready is not None:
            ahead.ready.model.discard()

    async def take(self, name: str, userdata: UserData) -> Ready | None:
        """Return the persona with its stream; ``None`` when that failed or is out of date."""
        ahead = self._ahead
        if ahead is not None and ahead.preparing is not None:
            await asyncio.wait((ahead.preparing,))
        if ahead is None or ahead is not self._ahead or not ahead.is_right_for(name, userdata):
            self.discard()
            return None
        if ahead.ready is None or not ahead.ready.model.is_prepared:
            return None
        self._ahead = self._opened = None
        return ahead.ready

    async def aclose(self) -> None:
        """Close everything that was made ready, and wait until the streams of all personas are closed."""
        self.discard()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await asyncio.gather(*(model.aclose() for model in self._models))

    # -- inside ----------------------------------------------------------------------------------------------

    async def _prepare(self, ahead: _Ahead, userdata: UserData) -> None:
        announcement = userdata.directive.reply.say if userdata.directive is not None else ""
        try:
            opened = await self._open(ahead.name, userdata)
            ready = self._seated(opened, userdata, spoken_history(userdata, announcement=announcement))
            ahead.ready = ready
            await ready.model.prepare(
                instructions=str(ready.persona.instructions),
                chat_ctx=ready.persona.chat_ctx,
                tools=llm.ToolContext(ready.persona.tools).flatten(),
                begin=BEGIN_SENTENCE,
            )
        except Exception:  # noqa: BLE001 – a task's boundary: the persona is made ready when it takes over
            ahead.ready = None
            _log.warning("call.handoff_not_prepared", persona=ahead.name, exc_info=True)

    async def _open(self, name: str, userdata: UserData) -> Opened:
        """Make the opening, once for each state of the call: what it writes to a database is not taken back."""
        opened = self._opened
        if opened is None or opened.name != name or not opened.is_right_for(userdata):
            opened = self._opened = await open_persona(name, self._kind_of(name), userdata)
        return opened

    def _seated(self, opened: Opened, userdata: UserData, history: llm.ChatContext) -> Ready:
        text = system_text(opened.kind, opened.userdata, opened.reply)
        model = self._new_model(opened.name, userdata)
        self._models.append(model)
        model.under_way = bool(userdata.personas)
        model.system_now = lambda: text
        persona = opened.kind(model=model, instructions=text)
        persona._chat_ctx = history  # noqa: SLF001 – update_chat_ctx() needs a running activity
        return Ready(opened, persona, model)


@dataclass(slots=True, eq=False)
class _Ahead:
    """A persona that is being made ready, and what it was made ready for. ``words``: turns of the caller."""

    name: str
    state: Mapping[str, Any]
    words: int
    preparing: asyncio.Task[None] | None = None
    ready: Ready | None = None

    def is_right_for(self, name: str, userdata: UserData) -> bool:
        return (self.name, self.state, self.words) == (name, _state_of(userdata), _words(userdata))


def spoken_history(userdata: UserData, *, announcement: str = "") -> llm.ChatContext:
    """What was said last, as the protocol takes it: caller first, no tool items.

    Args:
        userdata: the call's.
        announcement: what is being said at the moment, and does not stand among the turns yet.
    """
    history = llm.ChatContext.empty()
    turns: list[tuple[Role, str]] = [
        (turn.role, turn.text) for turn in userdata.get_recent_messages(HISTORY_ACROSS_HANDOFF)
    ]
    if announcement:
        turns.append(("agent", announcement))
    while turns and turns[0][0] == "agent":
        turns = turns[1:]
    for role, text in turns:
        history.add_message(role="user" if role == "user" else "assistant", content=text)
    return history


def _state_of(userdata: UserData) -> dict[str, Any]:
    """A copy of what an opening depends on and may change."""
    names = (field.name for field in fields(CallState) if field.name not in _OWN_COURSE)
    return {name: deepcopy(getattr(userdata, name)) for name in names}


def _words(userdata: UserData) -> int:
    return sum(turn.role == "user" for turn in userdata.conversation_history)
