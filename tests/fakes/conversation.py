"""A conversation without audio: a brain of Local Sonic on one side, a persona's real tools on the other.

Everything between the two is as in a call: the SYSTEM text, the tools' schemas and results, one lock, one record of
what was heard. Only the wire, the ears and the mouth are left out, so that hundreds of conversations fit in a test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

from livekit.agents import llm

from nova_agent.localsonic.brain.port import (
    AgentSaid,
    Brain,
    CallTool,
    Conversation,
    Say,
    ToolCalled,
    ToolReturned,
    ToolSpec,
    UserSaid,
)
from nova_agent.persona import Persona, system_text
from nova_agent.reply import BEGIN_SENTENCE
from nova_agent.sonic import RealtimeModel, SonicCredentials, SonicEndpoint
from nova_agent.store import CallRow, Stores
from nova_agent.userdata import CallId, UserData

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Caller = Callable[[str], str | None]
"""Takes what the agent said; returns the caller's words, or None to say nothing more."""


class Talk:
    """One caller with one persona. ``said`` is the transcript, ``returned`` every tool result's text."""

    def __init__(self, persona: type[Persona], brain: Brain, stores: Stores, options: Mapping[str, str]) -> None:
        self._kind = persona
        self._brain = brain
        self._stores = stores
        self._options = dict(options)
        self.said: list[str] = []
        self.returned: list[str] = []
        self.userdata: UserData
        self._persona: Persona
        self._conversation: Conversation

    async def hold(self, caller: Caller, *, most_turns: int = 80) -> UserData:
        """Talk until the caller has nothing more to say or the call is over."""
        await self._begin()
        words: str | None = BEGIN_SENTENCE
        typed = True
        for _ in range(most_turns):
            if not typed and words is not None:
                self.said.append(f"caller: {words}")
                self.userdata.add_conversation_turn("user", words)
            self._conversation.items.append(UserSaid(words or "", typed=typed))
            heard = await self._answer()
            if self.userdata.end_reason is not None or (words := caller(heard)) is None:
                return self.userdata
            typed = False
        raise AssertionError("the conversation does not end:\n" + "\n".join(self.said[-12:]))

    async def _begin(self) -> None:
        call_id = CallId(f"call-{uuid4().hex[:12]}")
        self.userdata = userdata = UserData(
            call_id=call_id,
            started_at=NOW,
            participant_identity=call_id,
            options=self._options,
            current_persona=self._kind.NAME,
            ctx=cast("Any", SimpleNamespace(job=SimpleNamespace(id=call_id))),
            stores=self._stores,
            clock=lambda: NOW,
        )
        await self._stores.calls.start(CallRow(id=call_id, persona=self._kind.NAME, started_at=NOW))
        opening = await self._kind.opening(userdata)
        userdata.open_directive(opening)
        text = system_text(self._kind, userdata, opening)
        self._persona = self._kind(model=unconnected_model(), instructions=text)
        self._conversation = Conversation(system=text, tools=tool_specs(self._persona))

    async def _answer(self) -> str:
        """Let the brain act until it has nothing more to do; returns what it said."""
        said: list[str] = []
        for _ in range(20):
            actions = await self._brain.act(self._conversation)
            calls = [action for action in actions if isinstance(action, CallTool)]
            for action in actions:
                if isinstance(action, Say):
                    said.append(action.text)
                    self.said.append(f"agent: {action.text}")
                    self._conversation.items.append(AgentSaid(action.text))
                    self.userdata.add_conversation_turn("agent", action.text)
            for call in calls:
                await self._run(call)
            if not calls:
                return " ".join(said)
        raise AssertionError("the brain calls tools for ever:\n" + "\n".join(self.said[-12:]))

    async def _run(self, call: CallTool) -> None:
        use_id = uuid4().hex
        self.said.append(f"  tool: {call.name} {json.dumps(dict(call.arguments))}")
        self._conversation.items.append(ToolCalled(use_id, call.name, call.arguments))
        context = SimpleNamespace(userdata=self.userdata, function_call=SimpleNamespace(call_id=use_id))
        content = await getattr(self._persona, call.name)(context, **call.arguments)
        self.returned.append(content)
        self._conversation.items.append(ToolReturned(use_id, call.name, content))


def unconnected_model() -> RealtimeModel:
    """A model that never opens a stream."""
    endpoint = SonicEndpoint("https://localhost:1", "us-east-1")
    return RealtimeModel(
        model="amazon.nova-2-sonic-v1:0", voice="tiffany", endpoint=endpoint, credentials=SonicCredentials()
    )


def tool_specs(persona: Persona) -> tuple[ToolSpec, ...]:
    """The persona's tools as the plugin declares them on the wire."""
    specs = []
    for tool in persona.tools:
        assert isinstance(tool, llm.FunctionTool)
        schema = llm.utils.build_legacy_openai_schema(tool, internally_tagged=True)
        specs.append(ToolSpec(schema["name"], schema["description"], schema["parameters"]))
    return tuple(specs)
