"""The events of a call record: one model per event, and the JSON Schema that they are published as.

A :class:`Source` marks each field that holds somebody's words; everything else comes from us. The marks decide what is
redacted on its way into the record, and what may be repeated in the log.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, field_serializer

from nova_agent.calllog.summary import CallSummary

VERSION: Final = 1


class Source(Enum):
    """Whose words a field holds. The mark stands on the whole type: inside a union it would not be seen."""

    CALLER = "caller"
    AGENT = "agent"
    ARGUMENTS = "arguments"  # the caller's, except for the label of the directive, which is ours


CallerWords = Annotated[str, Source.CALLER]
AgentWords = Annotated[str, Source.AGENT]
CallerValue = Annotated[JsonValue, Source.CALLER]
Arguments = Annotated[dict[str, JsonValue], Source.ARGUMENTS]


class Line(BaseModel):
    """What every line of a record begins with."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)

    v: Literal[1] = Field(VERSION, description="version of this schema")
    seq: int = Field(ge=1, description="1 for the first line of the call, then one more each")
    at: datetime = Field(
        json_schema_extra={"format": "date-time"},
        description="when it happened: ISO 8601, UTC, milliseconds",
    )
    t_ms: int = Field(ge=0, description="milliseconds since the record began, from a clock that never jumps")
    call_id: str
    persona: str | None = Field(description="the persona in charge, none before the first one entered")

    @field_serializer("at")
    def _at(self, at: datetime) -> str:
        return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class CallStarted(Line):
    event: Literal["call.started"] = "call.started"
    caller_identity: Annotated[str | None, Source.AGENT] = None
    room: str | None = None
    model: str | None = None
    redaction: Literal["none", "default", "strict"] | None = None
    version: str | None = Field(None, description="version of the product")
    options: Annotated[dict[str, JsonValue], Source.AGENT] = Field(default_factory=dict)


class CallResumed(Line):
    event: Literal["call.resumed"] = "call.resumed"
    resumed_call_id: str = Field(description="the dropped call that this one carries on")


class MessagePlayed(Line):
    event: Literal["call.message_played"] = "call.message_played"
    message: Literal["apology", "busy", "wait"] = Field(description="which of the recordings")
    cause: str = Field(description="why no stream served")
    ms: int = Field(ge=0, description="how much of it was heard")


class CallTransferred(Line):
    event: Literal["call.transferred"] = "call.transferred"
    to: Annotated[str, Source.AGENT]
    ok: bool = Field(description="whether the caller was handed over; otherwise the call is hung up")
    cause: str = Field(description="why no model could be had")
    error_code: str | None = Field(None, description="why the caller was not handed over")


class CallEnded(Line):
    event: Literal["call.ended"] = "call.ended"
    summary: CallSummary


class TurnUser(Line):
    event: Literal["turn.user"] = "turn.user"
    text: CallerWords
    typed: bool = False
    speech_ms: int | None = None


class TurnAgent(Line):
    event: Literal["turn.agent"] = "turn.agent"
    text: AgentWords = Field(description="what was spoken, cut where the caller interrupted")
    interrupted: bool = False
    speech_ms: int | None = None


class ToolCalled(Line):
    event: Literal["tool.called"] = "tool.called"
    tool: str
    tool_use_id: str = ""
    arguments: Arguments = Field(default_factory=dict)


class ToolReturned(Line):
    event: Literal["tool.returned"] = "tool.returned"
    tool: str
    tool_use_id: str = ""
    status: Literal["ok", "invalid", "confirm", "done", "error"]
    matched: bool = Field(True, description="whether the call was about the open directive")
    ms: int = Field(ge=0, description="how long the tool took")
    error_code: str | None = None
    reply: Annotated[dict[str, JsonValue] | None, Source.AGENT] = Field(None, description="what the model was told")


class PersonaEntered(Line):
    event: Literal["persona.entered"] = "persona.entered"
    name: str
    voice: str | None = None
    previous: str | None = None


class PersonaLeft(Line):
    event: Literal["persona.left"] = "persona.left"
    name: str
    reason: str | None = None


class SurveyStarted(Line):
    event: Literal["survey.started"] = "survey.started"
    survey_id: str
    run_id: str
    resumed: bool = False


class SurveyFinished(Line):
    event: Literal["survey.finished"] = "survey.finished"
    survey_id: str
    run_id: str
    status: Literal["completed", "stopped", "paused", "declined"]


class _OfQuestion(Line):
    question_id: str
    survey_id: str | None = None
    run_id: str | None = None


class AnswerRecorded(_OfQuestion):
    event: Literal["answer.recorded"] = "answer.recorded"
    value: CallerValue = None


class AnswerChanged(_OfQuestion):
    event: Literal["answer.changed"] = "answer.changed"
    value: CallerValue = None


class AnswerSkipped(_OfQuestion):
    event: Literal["answer.skipped"] = "answer.skipped"


class AnswerWithdrawn(_OfQuestion):
    event: Literal["answer.withdrawn"] = "answer.withdrawn"


class _OfStream(Line):
    reason: str | None = None
    age_ms: int | None = Field(None, ge=0, description="how old the stream was that this is about")


class _OfNextStream(_OfStream):
    gap_ms: int | None = Field(None, ge=0, description="how long no stream served")


class StreamOpened(_OfNextStream):
    event: Literal["sonic.stream_opened"] = "sonic.stream_opened"
    region: str | None = None
    ms: int | None = Field(None, ge=0, description="how long opening took")


class StreamRotated(_OfNextStream):
    event: Literal["sonic.stream_rotated"] = "sonic.stream_rotated"


class StreamReplayed(_OfNextStream):
    event: Literal["sonic.stream_replayed"] = "sonic.stream_replayed"
    audio_ms: int = Field(ge=0, description="how much of the caller's audio was sent again")


class StreamFailed(_OfStream):
    event: Literal["sonic.stream_failed"] = "sonic.stream_failed"


class FallbackUsed(Line):
    event: Literal["userdata.fallback_used"] = "userdata.fallback_used"
    path: str = Field(description="which of the fallbacks found the call")


class StateChanged(Line):
    event: Literal["state.changed"] = "state.changed"
    before: str
    after: str


class SilenceNoticed(Line):
    event: Literal["silence.noticed"] = "silence.noticed"
    silence_ms: int = Field(ge=0)
    action: str | None = None


class FirstAudio(Line):
    event: Literal["metric.first_audio"] = "metric.first_audio"
    ms: int = Field(ge=0, description="from the end of the caller's turn to the first audio of the answer")
    detection_ms: int | None = Field(None, description="the part of it that noticing the end of the turn took")


class Tokens(Line):
    event: Literal["metric.tokens"] = "metric.tokens"
    input_speech: int = Field(0, ge=0)
    input_text: int = Field(0, ge=0)
    output_speech: int = Field(0, ge=0)
    output_text: int = Field(0, ge=0)


AnyLine = Annotated[
    CallStarted
    | CallResumed
    | MessagePlayed
    | CallTransferred
    | CallEnded
    | TurnUser
    | TurnAgent
    | ToolCalled
    | ToolReturned
    | PersonaEntered
    | PersonaLeft
    | SurveyStarted
    | SurveyFinished
    | AnswerRecorded
    | AnswerChanged
    | AnswerSkipped
    | AnswerWithdrawn
    | StreamOpened
    | StreamRotated
    | StreamReplayed
    | StreamFailed
    | FallbackUsed
    | StateChanged
    | SilenceNoticed
    | FirstAudio
    | Tokens,
    Field(discriminator="event"),
]

MODELS: Final[dict[str, type[Line]]] = {
    model.model_fields["event"].default: model for model in get_args(get_args(AnyLine)[0])
}
"""The model of each event that a record may hold."""


def worded_fields(model: type[Line]) -> dict[str, Source]:
    """The fields of an event that hold words, and whose."""
    return {
        name: mark for name, field in model.model_fields.items() for mark in field.metadata if isinstance(mark, Source)
    }


def call_record_schema() -> dict[str, Any]:
    """JSON Schema of one line of a record, as published."""
    schema = TypeAdapter[Any](AnyLine).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"nova-agent/call-record/{VERSION}",
        **schema,
    }
