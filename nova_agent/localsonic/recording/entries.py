"""The lines of a recording: a header, then what each side sent, in order. One JSON object a line.

``t_ms`` counts from the request; ``in`` is what the client sent, ``out`` what it got. Apart from these two, every
line but the header has exactly one further key, which says what it is.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

FORMAT: Final = "nova-agent/sonic-recording"
VERSION: Final = 1

Direction = Literal["in", "out"]
Event = dict[str, Any]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Header(_Line):
    """The first line. ``caller_audio`` is false when the caller's sound was left out."""

    format: Literal["nova-agent/sonic-recording"] = FORMAT
    version: Literal[1] = VERSION
    model_id: str
    recorded_at: datetime = Field(strict=False)
    user_agent: str = ""
    upstream: str = ""
    caller_audio: bool = True


class Entry(_Line):
    """What all other lines have."""

    t_ms: int = Field(ge=0)
    direction: Direction


class EventEntry(Entry):
    """``{"<name>": {…}}``, which went over the wire as ``{"event": {"<name>": {…}}}``.

    An ``audioInput`` whose sound was left out has ``samples``, their count, in place of ``content``.
    """

    event: Event

    @field_validator("event")
    @classmethod
    def _has_one_name(cls, value: Event) -> Event:
        if len(value) != 1 or not all(isinstance(body, dict) for body in value.values()):
            raise ValueError("has to be one event's name with its object")
        return value

    @property
    def name(self) -> str:
        return next(iter(self.event))

    @property
    def body(self) -> dict[str, Any]:
        return dict(next(iter(self.event.values())))


class RawEntry(Entry):
    """What is no such event, in base64: a client's payload, or bytes of the service, framed or not."""

    raw: str

    @field_validator("raw")
    @classmethod
    def _is_base64(cls, value: str) -> str:
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValueError("is no base64") from error
        return value

    @classmethod
    def of(cls, t_ms: int, direction: Direction, data: bytes) -> Self:
        return cls(t_ms=t_ms, direction=direction, raw=base64.b64encode(data).decode())

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.raw)


class OpenedEntry(Entry):
    """The response's headers, with status 200."""

    opened: dict[str, str]


class HttpRefusal(_Line):
    status: int = Field(ge=300, le=599)
    error_type: str = ""
    message: str = ""


class RefusedEntry(Entry):
    """An HTTP error in place of a stream."""

    refused: HttpRefusal


class StreamException(_Line):
    """``type`` is one of the output's exception members, ``payload`` its JSON, with ``message``."""

    type: str
    payload: dict[str, Any]


class ExceptionEntry(Entry):
    exception: StreamException


class StreamError(_Line):
    code: str
    message: str = ""


class ErrorEntry(Entry):
    """An unmodeled error frame."""

    error: StreamError


class EndEntry(Entry):
    """END_STREAM."""

    end: Literal[True] = True


class ResetEntry(Entry):
    """The stream broke off; why, as far as the recorder could see."""

    reset: str


AnyEntry = EventEntry | RawEntry | OpenedEntry | RefusedEntry | ExceptionEntry | ErrorEntry | EndEntry | ResetEntry

KINDS: Final[dict[str, type[AnyEntry]]] = {
    "event": EventEntry,
    "raw": RawEntry,
    "opened": OpenedEntry,
    "refused": RefusedEntry,
    "exception": ExceptionEntry,
    "error": ErrorEntry,
    "end": EndEntry,
    "reset": ResetEntry,
}
"""Every kind of line, by the key that it alone has."""
