"""Input events: the client's JSON to values, checked field by field. Wire spellings end here.

Field lists and limits: Amazon Nova 2 user guide, "sonic-input-events" and "sonic-tool-configuration".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator
from pydantic.alias_generators import to_camel

from nova_agent.localsonic.jsontext import parse_json
from nova_agent.localsonic.limits import NAME_CHARS
from nova_agent.localsonic.rejections import UNPARSEABLE, StreamRejected

Sensitivity = Literal["HIGH", "MEDIUM", "LOW"]
RateHz = Literal[8000, 16000, 24000]
TextRole = Literal["SYSTEM", "SYSTEM_SPEECH", "USER", "ASSISTANT"]


class _Wire(BaseModel):
    """A part of an input event: camel case, no coercion, unknown keys ignored."""

    model_config = ConfigDict(frozen=True, strict=True, alias_generator=to_camel, extra="ignore")


class Inference(_Wire):
    max_tokens: int = Field(default=1024, ge=1)
    top_p: float = Field(default=0.9, ge=0, le=1)
    temperature: float = Field(default=0.7, ge=0, le=1)


class _TurnDetection(_Wire):
    endpointing_sensitivity: Sensitivity = "MEDIUM"


class SessionStarted(_Wire):
    inference_configuration: Inference = Inference()
    turn_detection_configuration: _TurnDetection = _TurnDetection()

    @property
    def sensitivity(self) -> Sensitivity:
        return self.turn_detection_configuration.endpointing_sensitivity


class _AudioFormat(_Wire):
    media_type: Literal["audio/lpcm"]
    sample_rate_hertz: RateHz
    sample_size_bits: Literal[16]
    channel_count: Literal[1]
    encoding: Literal["base64"] = "base64"
    audio_type: Literal["SPEECH"] = "SPEECH"


class _AudioOutput(_AudioFormat):
    voice_id: str


class _InputSchema(_Wire):
    text: str = Field(alias="json")


class ToolSpecification(_Wire):
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    description: str = ""
    input_schema: _InputSchema

    @field_validator("input_schema")
    @classmethod
    def _schema_is_an_object(cls, value: _InputSchema) -> _InputSchema:
        if not isinstance(parse_json(value.text), dict):
            raise ValueError("the schema's text is no JSON object")  # noqa: TRY004 - pydantic turns ValueError into its own
        return value

    @property
    def schema_object(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads(self.input_schema.text))


class _Tool(_Wire):
    tool_spec: ToolSpecification


class _ToolConfiguration(_Wire):
    tools: list[_Tool] = []
    tool_choice: dict[Literal["auto", "any", "tool"], dict[str, Any]] | None = None

    @field_validator("tool_choice")
    @classmethod
    def _choice_is_one(cls, value: dict[str, dict[str, Any]] | None) -> dict[str, dict[str, Any]] | None:
        if value is not None and len(value) != 1:
            raise ValueError("a toolChoice is one of auto, any and tool")
        if value is not None and "tool" in value and not isinstance(value["tool"].get("name"), str):
            raise ValueError("the tool that is chosen has no name")
        return value


class PromptStarted(_Wire):
    prompt_name: str = Field(max_length=NAME_CHARS)
    audio_output_configuration: _AudioOutput
    tool_configuration: _ToolConfiguration = _ToolConfiguration()

    @property
    def voice_id(self) -> str:
        return self.audio_output_configuration.voice_id

    @property
    def output_rate_hz(self) -> int:
        return self.audio_output_configuration.sample_rate_hertz

    @property
    def tools(self) -> tuple[ToolSpecification, ...]:
        return tuple(tool.tool_spec for tool in self.tool_configuration.tools)

    @property
    def tool_choice(self) -> Mapping[str, Any] | None:
        return cast("Mapping[str, Any] | None", self.tool_configuration.tool_choice)


class _Content(_Wire):
    prompt_name: str
    content_name: str


class _Opened(_Content):
    content_name: str = Field(max_length=NAME_CHARS)


class _PlainText(_Wire):
    media_type: Literal["text/plain"] = "text/plain"


class TextOpened(_Opened):
    type: Literal["TEXT"]
    role: TextRole
    interactive: bool = False
    text_input_configuration: _PlainText = _PlainText()


class AudioOpened(_Opened):
    type: Literal["AUDIO"]
    role: Literal["USER"]
    audio_input_configuration: _AudioFormat

    @property
    def rate_hz(self) -> int:
        return self.audio_input_configuration.sample_rate_hertz


class _TextFormat(_Wire):
    media_type: str


class _ToolResultFormat(_Wire):
    tool_use_id: str
    type: Literal["TEXT"]
    text_input_configuration: _TextFormat


class ToolResultOpened(_Opened):
    type: Literal["TOOL"]
    role: Literal["TOOL"]
    tool_result_input_configuration: _ToolResultFormat

    @property
    def tool_use_id(self) -> str:
        return self.tool_result_input_configuration.tool_use_id


class TextReceived(_Content):
    content: str


class ToolResultReceived(_Content):
    content: str


class AudioReceived(_Content):
    """``content``: base64 of PCM s16le, mono, at the rate that the content was opened with."""

    content: str

    @property
    def pcm(self) -> bytes:
        """Return the samples' bytes.

        Raises:
            StreamRejected: the text is no base64, or does not hold whole samples.
        """
        try:
            pcm = base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise StreamRejected(UNPARSEABLE) from error
        if len(pcm) % 2:
            raise StreamRejected(UNPARSEABLE)
        return pcm


class ContentEnded(_Content):
    pass


class PromptEnded(_Wire):
    prompt_name: str


class SessionEnded(_Wire):
    pass


ContentOpened = TextOpened | AudioOpened | ToolResultOpened
InputEvent = (
    SessionStarted
    | PromptStarted
    | ContentOpened
    | TextReceived
    | AudioReceived
    | ToolResultReceived
    | ContentEnded
    | PromptEnded
    | SessionEnded
)

_CONTENT_OPENED: TypeAdapter[ContentOpened] = TypeAdapter(Annotated[ContentOpened, Field(discriminator="type")])
PARSERS: Mapping[str, Callable[[object], InputEvent]] = {
    "sessionStart": SessionStarted.model_validate,
    "promptStart": PromptStarted.model_validate,
    "contentStart": _CONTENT_OPENED.validate_python,
    "textInput": TextReceived.model_validate,
    "audioInput": AudioReceived.model_validate,
    "toolResult": ToolResultReceived.model_validate,
    "contentEnd": ContentEnded.model_validate,
    "promptEnd": PromptEnded.model_validate,
    "sessionEnd": SessionEnded.model_validate,
}
"""By event name: from the event's body to its value, or pydantic's ValidationError."""
