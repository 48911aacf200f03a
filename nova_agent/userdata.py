"""One object per call, shared by every persona and tool of it.

Two parts: :class:`CallState` is data and serialises, so that a dropped call can resume; :class:`UserData` adds
the handles that live only as long as the process. Both are reached by plain attributes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, NewType, Protocol, Self
from zoneinfo import ZoneInfo

from livekit.agents import Agent, AgentSession, JobContext, RunContext
from pydantic import TypeAdapter

from nova_agent.errors import InvalidTransition, NovaError
from nova_agent.reply import ToolReply
from nova_agent.store import Stores

CallId = NewType("CallId", str)
Role = Literal["user", "agent"]
CallPhase = Literal["initial", "talking", "handing_over", "ending", "ended"]

FEWEST_WORDS_OF_A_QUESTION: Final = 3
"""A question that was cut off before so many words has not been put."""

TRANSITIONS: Final[dict[CallPhase, frozenset[CallPhase]]] = {
    "initial": frozenset({"talking", "ended"}),
    "talking": frozenset({"handing_over", "ending", "ended"}),
    "handing_over": frozenset({"talking", "ending", "ended"}),
    "ending": frozenset({"ended"}),
    "ended": frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class ConversationTurn:
    """One finished turn. ``at`` is ISO-8601 UTC; ``text`` of an interrupted agent turn is what was played."""

    at: str
    role: Role
    text: str
    persona: str
    interrupted: bool = False


@dataclass(kw_only=True)
class CallerFacts:
    """What is known about the caller apart from what they said."""

    phone: str | None = None
    time_zone: str = "UTC"
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class OpenDirective:
    """The directive that the caller is being asked to answer.

    ``label`` is the ``ask`` argument that a tool call must bring to be about this directive. ``heard_from`` is
    the position in ``conversation_history`` from which on the caller's words count for it; ``None`` until the agent
    has begun to say it, because what a caller says before a question is no answer to it.
    """

    label: str
    reply: ToolReply
    heard_from: int | None = None
    put: bool = False
    """The agent has said enough of it for the caller to know what is asked."""


@dataclass(kw_only=True)
class CallState:
    """The part of a call that survives the process: plain data, JSON in and out."""

    call_id: CallId
    started_at: datetime
    participant_identity: str = ""
    caller: CallerFacts = field(default_factory=CallerFacts)
    options: dict[str, str] = field(default_factory=dict)
    current_persona: str = ""
    state: CallPhase = "initial"
    state_history: list[CallPhase] = field(default_factory=list)
    shared_context: dict[str, Any] = field(default_factory=dict)
    conversation_history: list[ConversationTurn] = field(default_factory=list)
    survey_responses: dict[str, Any] = field(default_factory=dict)
    appointments: list[dict[str, Any]] = field(default_factory=list)
    form_submissions: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    directive: OpenDirective | None = None
    private_progress: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Serialise everything that is needed to resume the call; handles stay behind."""
        plain = CallState(**{f.name: getattr(self, f.name) for f in fields(CallState)})
        return _CALL_STATE.dump_json(plain).decode()

    @staticmethod
    def from_json(text: str) -> CallState:
        """Read a state back.

        Raises:
            pydantic.ValidationError: the text is no call state.
        """
        return _CALL_STATE.validate_json(text)


class ProgressSlot[T]:
    """A persona's typed place for private progress.

    A persona keeps one as a constant of its own, so that no persona reaches into another's.
    """

    def __init__(self, persona: str, type_: type[T]) -> None:
        self.persona = persona
        self._adapter: TypeAdapter[T] = TypeAdapter(type_)

    def read(self, state: CallState) -> T | None:
        """Return the progress, or ``None`` when the persona has not begun in this call."""
        raw = state.private_progress.get(self.persona)
        return None if raw is None else self._adapter.validate_python(raw)

    def write(self, state: CallState, progress: T) -> None:
        """Keep the progress as plain data, so that it serialises with the call."""
        state.private_progress[self.persona] = self._adapter.dump_python(progress, mode="json")


def _now_utc() -> datetime:
    return datetime.now(UTC)


def _nothing() -> None:
    """Stands in where nobody wants to know."""


def _no_event(_event: str, **_fields: Any) -> None:
    """Stand in for the call record where there is none."""


class Privacy(Protocol):
    """What is told which words of this call are private: the call record's redactor."""

    private_ask: bool
    """True while the answer to a question marked ``pii`` is awaited: all that the caller says then is private."""

    def add_private(self, *texts: str) -> None:
        """Mask these texts from now on."""
        ...


class NoPrivacy:
    """Stands in where nothing is recorded."""

    private_ask = False

    def add_private(self, *texts: str) -> None:
        """Forget them."""


@dataclass(kw_only=True)
class UserData(CallState):
    """Everything that a persona or tool may need.

    Attributes:
        ctx: the LiveKit job of the call; how tools reach the room.
        stores: the database, opened once per process.
        session: the agent session, once the call has one.
        personas: the personas that took part so far, by name.
        prev_agent: the persona before the current one.
        lock: held while a tool changes the call's state; one per call.
        clock: returns the current time, aware.
        on_event: writes an event to the call's record.
        on_unanswered: told that the model did not begin to speak when it was asked to.
        privacy: told which words must not stand in the record.
    """

    ctx: JobContext
    stores: Stores
    session: AgentSession[UserData] | None = None
    personas: dict[str, Agent] = field(default_factory=dict)
    prev_agent: Agent | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    clock: Callable[[], datetime] = _now_utc
    on_event: Callable[..., None] = _no_event
    on_unanswered: Callable[[], None] = _nothing
    privacy: Privacy = field(default_factory=NoPrivacy)
    end_reason: str | None = None
    next_persona: str | None = None
    closed: bool = False

    @classmethod
    def resume(cls, state: CallState, **handles: Any) -> Self:
        """Put a kept state and fresh handles together again."""
        return cls(**{f.name: getattr(state, f.name) for f in fields(CallState)}, **handles)

    # -- the conversation ------------------------------------------------------------------------------------

    def add_conversation_turn(self, role: Role, text: str, *, interrupted: bool = False) -> ConversationTurn:
        """Append a finished turn, stamped with the time and the persona that was active."""
        turn = ConversationTurn(
            at=self.clock().astimezone(UTC).isoformat(timespec="milliseconds"),
            role=role,
            text=text,
            persona=self.current_persona,
            interrupted=interrupted,
        )
        self.conversation_history.append(turn)
        if role == "agent":
            self._agent_spoke(text, interrupted=interrupted)
        return turn

    def get_recent_messages(self, count: int = 5) -> list[ConversationTurn]:
        """Return the last ``count`` turns, oldest first."""
        return self.conversation_history[-count:] if count > 0 else []

    def summarize(self) -> str:
        """Say in one paragraph what another persona has to know about this call."""
        done = {
            "survey answers": len(self.survey_responses),
            "appointments": len(self.appointments),
            "forms": len(self.form_submissions),
            "tasks": len(self.tasks),
        }
        facts = ", ".join(f"{count} {name}" for name, count in done.items() if count)
        before = self.shared_context.get("previous_agent")
        parts = [
            f"Caller: {self.participant_identity or 'unknown'}.",
            f"Before you: {before}." if before else "",
            f"So far: {facts}." if facts else "Nothing has been recorded yet.",
        ]
        return " ".join(part for part in parts if part)

    # -- the open directive ----------------------------------------------------------------------------------

    def open_directive(self, reply: ToolReply) -> None:
        """Make ``reply`` the directive that counts from now on."""
        label = reply.expect.arguments.get("ask", "") if reply.expect else ""
        self.directive = OpenDirective(label=label, reply=reply)
        self.privacy.private_ask = bool(reply.data.get("pii"))

    def agent_began_to_speak(self) -> None:
        """Let the caller's words count for the open directive from now on, if they did not yet."""
        if self.directive is not None and self.directive.heard_from is None:
            self.directive = replace(self.directive, heard_from=len(self.conversation_history))

    def agent_was_cut_off(self) -> None:
        """Let words that fell into the first syllables of a question not count for it: they were meant for the last."""
        if self.directive is not None and not self.directive.put:
            self.directive = replace(self.directive, heard_from=None)

    def _agent_spoke(self, text: str, *, interrupted: bool) -> None:
        if interrupted and len(text.split()) < FEWEST_WORDS_OF_A_QUESTION:
            self.agent_was_cut_off()
            return
        self.agent_began_to_speak()
        if self.directive is not None:
            self.directive = replace(self.directive, put=True)

    def is_about_open_directive(self, ask: str) -> bool:
        """Say whether a tool call that brought ``ask`` is about what is being asked now."""
        return self.directive is not None and bool(ask) and _label(ask) == _label(self.directive.label)

    def heard(self) -> str:
        """Return what the caller has said since the agent put the open directive, one line a turn; or nothing."""
        start = self.directive.heard_from if self.directive else 0
        if start is None:
            return ""
        return "\n".join(t.text for t in self.conversation_history[start:] if t.role == "user" and t.text.strip())

    # -- state -----------------------------------------------------------------------------------------------

    def transition_to(self, state: CallPhase) -> None:
        """Change the state of the call.

        Raises:
            InvalidTransition: the change was never declared in ``TRANSITIONS``.
        """
        if state == self.state:
            return
        if state not in TRANSITIONS[self.state]:
            allowed = ", ".join(sorted(TRANSITIONS[self.state])) or "nothing"
            raise InvalidTransition(
                f"call {self.call_id}: cannot go from {self.state!r} to {state!r}; from there, allowed is: {allowed}"
            )
        before, self.state = self.state, state
        self.state_history.append(before)
        self.on_event("state.changed", before=before, after=state)

    def today(self) -> date:
        """Return the date where the caller is."""
        return self.clock().astimezone(ZoneInfo(self.caller.time_zone)).date()

    def validate(self) -> None:
        """Check what must hold when a call starts and at each handoff.

        Raises:
            NovaError: naming what is missing.
        """
        missing = [
            name
            for name, there in (
                ("call_id", bool(self.call_id)),
                ("ctx", self.ctx is not None),
                ("stores", self.stores is not None),
                ("current_persona", bool(self.current_persona)),
                ("an open call", not self.closed),
            )
            if not there
        ]
        if missing:
            raise NovaError(f"call {self.call_id or '?'}: UserData lacks {', '.join(missing)}")

    def reset(
        self, keep: Iterable[str] = ("call_id", "started_at", "participant_identity", "caller", "options")
    ) -> None:
        """Forget everything that happened in the call; for tests and for starting over."""
        fresh = CallState(call_id=self.call_id, started_at=self.started_at)
        for f in fields(CallState):
            if f.name not in keep:
                setattr(self, f.name, getattr(fresh, f.name))
        self.end_reason = self.next_persona = None


def _label(text: str) -> str:
    return "".join(text.split()).strip("\"'").casefold()


_CALL_STATE: Final = TypeAdapter(CallState)

RunContext_T = RunContext[UserData]
"""The context that every tool takes."""
