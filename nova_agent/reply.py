"""What every tool returns: one JSON object that tells the model what to say and what may come next.

The model chooses words; this object decides what happens. It reaches the model as the text of a tool result
(or, for the first one of a stream, inside the SYSTEM text) and is published as
``nova_agent/schemas/tool_reply.schema.json`` so that any stand-in for the model can read it without our code.
"""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Status = Literal["ok", "invalid", "confirm", "done", "error"]
Intent = Literal["skip", "back", "change", "pause", "repeat", "person", "stop", "switch"]

OPENING_TAG: Final = "directive"
"""The first directive of a stream stands in its SYSTEM text between ``<directive>`` and ``</directive>``."""

BEGIN_SENTENCE: Final = "The call is connected. Please begin."
"""The plain sentence that makes the model speak first. It carries no directive: USER text is never obeyed."""

ASK_AGAIN_SENTENCE: Final = "Sorry, the line was bad. Could you say that again?"
"""What is typed for a caller to whom the model has said nothing for long; as plain."""


class Also(BaseModel):
    """Something else that the caller may want instead of answering."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intent: Intent
    tool: str = Field(description="the tool to call for it")
    arguments: dict[str, str] = Field(default_factory=dict, description="arguments already known: pass them unchanged")
    argument: str | None = Field(default=None, description="the argument to fill with the caller's own words, if any")


class Expect(BaseModel):
    """What the caller is being asked for, and which tool takes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    tool: str = Field(description="the tool to call with the caller's answer")
    arguments: dict[str, str] = Field(default_factory=dict, description="arguments already known: pass them unchanged")
    argument: str = Field(description="the argument to fill with the caller's own words")
    json_schema: dict[str, JsonValue] = Field(
        alias="schema", description="JSON Schema of the value wanted; the words need not be normalised"
    )
    also: tuple[Also, ...] = ()


class ToolReply(BaseModel):
    """One directive: facts are fixed, wording is free."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Status
    say: str = Field(description="the next thing to tell the caller")
    expect: Expect | None = Field(default=None, description="absent when nothing more is asked")
    data: dict[str, JsonValue] = Field(default_factory=dict, description="small facts the model may use")

    def to_wire(self) -> str:
        """Serialise for the model: a JSON object as a string.

        The framework applies ``str()`` to a dict, which puts Python notation on the wire, and Nova Sonic
        drops the session's tool channel on anything that is not a JSON object (livekit/agents#2874).
        """
        return json.dumps(self.model_dump(mode="json", by_alias=True, exclude_none=True), ensure_ascii=False)

    @classmethod
    def from_wire(cls, text: str) -> ToolReply:
        """Read a reply back, for instance from a record or a resumed call."""
        return cls.model_validate_json(text)

    def tagged(self) -> str:
        """The reply as it stands in a stream's SYSTEM text."""
        return f"<{OPENING_TAG}>{self.to_wire()}</{OPENING_TAG}>"


def tool_reply_schema() -> dict[str, Any]:
    """JSON Schema of :class:`ToolReply`, as published."""
    schema = ToolReply.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "nova-agent/tool-reply/1", **schema}
