"""A persona: who the agent is for a while, and the one path on which its tools run.

A tool hands over the caller's words with the label of the ask they answer; :meth:`Persona.take` decides whether
the call is about what is being asked now, runs the rules under the call's lock, and returns the next directive.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

import structlog
from livekit.agents import Agent, function_tool
from livekit.agents.voice.speech_handle import SpeechHandle
from rapidfuzz import fuzz

from nova_agent.capture import wants
from nova_agent.context import userdata_for
from nova_agent.errors import ContentInvalid, NovaError
from nova_agent.reply import BEGIN_SENTENCE, Also, ToolReply
from nova_agent.sonic import RealtimeModel
from nova_agent.userdata import RunContext_T, UserData

Rules = Callable[[UserData], Awaitable[ToolReply]]

SAME_SERVICE: Final = 85
"""rapidfuzz score (0–100) from which words name a service."""
TOOL_LIMIT_S: Final = 20.0
"""A tool must answer well inside the 55 s after which the service gives up (AWS Nova user guide)."""

_log = structlog.get_logger()


class Persona(Agent):
    """Base of every persona; one instance serves one stay of a caller with it.

    Subclasses set ``NAME``, ``VOICE`` and ``SUMMARY``, keep their text in ``instructions.md`` beside their code,
    implement :meth:`opening`, and have one fixed tool set: changing tools costs a new stream.

    Args:
        model: the Nova Sonic model with this persona's voice.
        instructions: the whole SYSTEM text, from :func:`system_text`.
    """

    NAME: ClassVar[str]
    VOICE: ClassVar[str] = "tiffany"
    SUMMARY: ClassVar[str] = ""

    def __init__(self, *, model: RealtimeModel, instructions: str) -> None:
        super().__init__(instructions=instructions, llm=model, id=self.NAME)

    @classmethod
    async def opening(cls, userdata: UserData) -> ToolReply:
        """Begin (or resume) this persona's work and return the first directive.

        It is called while the persona before still speaks, on a copy of the call's data that counts when this one takes
        over. What it writes elsewhere stays if the caller changes their mind: called again, it goes on with that.
        """
        raise NotImplementedError

    @classmethod
    def contents(cls) -> dict[str, str]:
        """The content that ships with the persona: id and title of each, checked.

        Raises:
            ContentInvalid: a file of it is wrong.
        """
        return {}

    @classmethod
    def check_content(cls, file: Path) -> str:
        """Check a content file of this persona and say in a few words what is in it.

        Raises:
            ContentInvalid: what is wrong, by file, place and field.
        """
        raise ContentInvalid(f"{file}: the persona {cls.NAME!r} has no content files")

    @classmethod
    def check_options(cls, options: Mapping[str, str]) -> None:
        """Check what a call asks of this persona, before the call begins.

        Raises:
            ContentInvalid: an option names content that is not there, or that is wrong.
        """

    @classmethod
    def instructions_file(cls) -> Path:
        """The text that tells a model who this persona is."""
        return Path(inspect.getfile(cls)).parent / "instructions.md"

    async def on_enter(self) -> None:
        """Make the model speak first. The sentence is plain: the directive stands in the SYSTEM text."""
        self.session.generate_reply(instructions=BEGIN_SENTENCE).add_done_callback(self._opened)

    def _opened(self, opening: SpeechHandle) -> None:
        """Tell the call when the model did not begin: a caller in silence cannot tell that nobody is there."""
        if opening.exception() is None:
            return
        _log.error("call.opening_failed", persona=self.NAME)
        self.session.userdata.on_unanswered()

    # -- the path of every tool ------------------------------------------------------------------------------

    async def take(self, context: RunContext_T, tool: str, arguments: Mapping[str, str], rules: Rules) -> str:
        """Run one tool call and return the next directive as it goes to the model.

        A call whose ``ask`` is not the open one changes nothing and gets the open directive again; so does the
        same call repeated under a new id, because every directive has a label of its own. A call that comes before
        the caller has said a word changes nothing either. Calls are served one at a time. When ``rules`` raises,
        nothing has changed and the caller hears an apology.
        """
        userdata = userdata_for(context)
        tool_use_id = getattr(getattr(context, "function_call", None), "call_id", "")
        started = time.perf_counter()
        async with userdata.lock:
            userdata.on_event("tool.called", tool=tool, arguments=dict(arguments), tool_use_id=tool_use_id)
            matched = userdata.is_about_open_directive(arguments.get("ask", ""))
            reply = await self._decide(userdata, tool, rules) if matched else _open_again(userdata)
            userdata.on_event(
                "tool.returned",
                tool=tool,
                tool_use_id=tool_use_id,
                status=reply.status,
                matched=matched,
                ms=round((time.perf_counter() - started) * 1000),
            )
        return reply.to_wire()

    async def _decide(self, userdata: UserData, tool: str, rules: Rules) -> ToolReply:
        if not userdata.heard():
            return _wait_for_caller(userdata)
        try:
            async with asyncio.timeout(TOOL_LIMIT_S):
                reply = await rules(userdata)
        except Exception as error:  # noqa: BLE001 – a request's boundary: logged, and the caller is asked again
            _log.error("tool.failed", tool=tool, error=getattr(error, "code", type(error).__name__), exc_info=True)
            return _apology(userdata)
        reply = with_services(userdata, reply)
        if not userdata.is_about_open_directive(_label_of(reply)):
            userdata.open_directive(reply)
        return reply

    # -- tools that every persona has ------------------------------------------------------------------------

    async def repeated(self, userdata: UserData, words: str) -> ToolReply:
        """Decide what to say when the caller did not catch or understand the question."""
        return _open_again(userdata)

    async def ended(self, userdata: UserData) -> ToolReply:
        """Put this persona's work away when the caller ends the call, and return the farewell."""
        userdata.end_reason = "stopped"
        return ToolReply(status="done", say="All right. Thank you for calling. Goodbye.")

    async def handed_over(self, userdata: UserData, reason: str) -> ToolReply:
        """Note that the caller wants a person, and return what to tell them."""
        userdata.shared_context["person_requested"] = True
        userdata.end_reason = "person-requested"
        return ToolReply(
            status="done", say="I have noted that you would like to speak to a person. Someone will call you. Goodbye."
        )

    @function_tool
    async def repeat(self, context: RunContext_T, ask: str, words: str) -> str:
        """The caller wants the question again, explained, or wants to hear the choices.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            words: What the caller said, word for word.
        """
        return await self.take(context, "repeat", {"ask": ask, "words": words}, lambda u: self.repeated(u, words))

    @function_tool
    async def end_call(self, context: RunContext_T, ask: str) -> str:
        """The caller wants to end the call now.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
        """
        return await self.take(context, "end_call", {"ask": ask}, self._ended_if_wanted)

    @function_tool
    async def hand_over(self, context: RunContext_T, ask: str, reason: str) -> str:
        """The caller wants to speak to a person.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            reason: What the caller said, word for word.
        """

        async def rules(userdata: UserData) -> ToolReply:
            if not wants("person", userdata.heard()):
                return _not_asked_for(userdata)
            return await self.handed_over(userdata, reason)

        return await self.take(context, "hand_over", {"ask": ask, "reason": reason}, rules)

    @function_tool
    async def switch_persona(self, context: RunContext_T, ask: str, persona: str) -> str:
        """The caller wants another of our services.

        Args:
            ask: The value of expect.arguments.ask, unchanged.
            persona: The name of the service from the directive's data.services, or what the caller called it.
        """
        return await self.take(
            context, "switch_persona", {"ask": ask, "persona": persona}, lambda u: self._switched(u, persona)
        )

    async def _ended_if_wanted(self, userdata: UserData) -> ToolReply:
        return await self.ended(userdata) if wants("stop", userdata.heard()) else _not_asked_for(userdata)

    async def _switched(self, userdata: UserData, words: str) -> ToolReply:
        others = _other_services(userdata)
        name = _service_named(words, others) or _service_named(userdata.heard(), others)
        if name is None:
            return _not_asked_for(userdata)
        userdata.next_persona = name
        return ToolReply(status="done", say=f"One moment, I will connect you with our {others[name]}.")


def _other_services(userdata: UserData) -> dict[str, str]:
    """The personas that this caller could be handed to: name and what they are for."""
    services: Mapping[str, str] = userdata.shared_context.get("services", {})
    return {name: summary for name, summary in services.items() if name != userdata.current_persona}


def with_services(userdata: UserData, reply: ToolReply) -> ToolReply:
    """Add to a directive that the caller may want another service, where there is another."""
    others = _other_services(userdata)
    if reply.expect is None or not others or any(also.intent == "switch" for also in reply.expect.also):
        return reply
    switch = Also(intent="switch", tool="switch_persona", arguments={"ask": _label_of(reply)}, argument="persona")
    expect = reply.expect.model_copy(update={"also": (*reply.expect.also, switch)})
    return reply.model_copy(update={"expect": expect, "data": reply.data | {"services": dict(others)}})


def _service_named(words: str, services: Mapping[str, str]) -> str | None:
    """The service that the words name best; ``None`` when none is named well enough."""
    said = words.casefold()
    scored = {
        name: max(fuzz.partial_ratio(name.replace("_", " "), said), fuzz.partial_token_set_ratio(summary, said))
        for name, summary in services.items()
        if said.strip()
    }
    best = max(scored, key=scored.__getitem__, default=None)
    return best if best is not None and scored[best] >= SAME_SERVICE else None


def _open_again(userdata: UserData) -> ToolReply:
    if userdata.directive is not None:
        return userdata.directive.reply
    return ToolReply(status="error", say="I am sorry, could you say that again?")


def _wait_for_caller(userdata: UserData) -> ToolReply:
    """The open directive for a call that came before the caller had said a word; nothing was done."""
    return _refused(userdata, "wait-for-caller")


def _not_asked_for(userdata: UserData) -> ToolReply:
    """The open directive for a call that would end something which the caller did not ask to end."""
    return _refused(userdata, "caller-did-not-ask-for-it")


def _refused(userdata: UserData, reason: str) -> ToolReply:
    reply = _open_again(userdata)
    return reply.model_copy(update={"status": "invalid", "data": reply.data | {"reason": reason}})


def _label_of(reply: ToolReply) -> str:
    return reply.expect.arguments.get("ask", "") if reply.expect else ""


def _apology(userdata: UserData) -> ToolReply:
    """Say that it failed and ask the same again; the open directive stays as it was."""
    expect = userdata.directive.reply.expect if userdata.directive else None
    return ToolReply(
        status="error", say="I am sorry, I could not note that down just now. Could you say it again?", expect=expect
    )


@cache
def _preamble() -> str:
    return (Path(__file__).parent / "preamble.md").read_text(encoding="utf-8").strip()


def system_text(persona: type[Persona], userdata: UserData, directive: ToolReply) -> str:
    """Build the SYSTEM text of a stream: preamble, the persona's own text, the call so far, the open directive.

    Raises:
        NovaError: the persona's ``instructions.md`` is missing or empty.
    """
    file = persona.instructions_file()
    own = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
    if not own:
        raise NovaError(f"{file}: missing or empty; every persona needs a text that says who it is")
    today = f"Today is {userdata.today():%A, %B} {userdata.today().day}, {userdata.today().year}."
    return "\n\n".join((_preamble(), own, f"{today} {userdata.summarize()}", directive.tagged()))
