"""Frames of the service to lines of a recording, and back; and the events in a client's payloads."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from nova_agent.localsonic.envelope import event_frame
from nova_agent.localsonic.frames import Frame, encode_frame
from nova_agent.localsonic.recording.entries import (
    AnyEntry,
    ErrorEntry,
    EventEntry,
    ExceptionEntry,
    RawEntry,
    StreamError,
    StreamException,
)

_JSON = "application/json"


def read_event(payload: bytes) -> dict[str, Any] | None:
    """The ``{"<name>": {…}}`` in ``{"event": …}``; ``None`` when the payload is something else."""
    event = _object(payload).get("event")
    if not isinstance(event, dict) or len(event) != 1 or not isinstance(next(iter(event.values())), dict):
        return None
    return event


def entry_of(frame: Frame, t_ms: int) -> AnyEntry:
    """Return the line for a frame that the service sent."""
    match frame.headers.get(":message-type"):
        case "event" if (event := _event_in(frame)) is not None:
            return EventEntry(t_ms=t_ms, direction="out", event=event)
        case "exception":
            kind = str(frame.headers.get(":exception-type", ""))
            exception = StreamException(type=kind, payload=_object(frame.payload))
            return ExceptionEntry(t_ms=t_ms, direction="out", exception=exception)
        case "error":
            code, message = (str(frame.headers.get(name, "")) for name in (":error-code", ":error-message"))
            return ErrorEntry(t_ms=t_ms, direction="out", error=StreamError(code=code, message=message))
        case _:
            return RawEntry.of(t_ms, "out", encode_frame(frame))


def frame_of(entry: EventEntry | RawEntry | ExceptionEntry | ErrorEntry) -> bytes:
    """Return the frame that the line was made from."""
    match entry:
        case EventEntry():
            return event_frame({"event": entry.event})
        case RawEntry():
            return entry.data
        case ExceptionEntry():
            headers = {":message-type": "exception", ":exception-type": entry.exception.type, ":content-type": _JSON}
            return encode_frame(Frame(headers, json.dumps(entry.exception.payload).encode()))
        case ErrorEntry():
            error = entry.error
            headers = {":message-type": "error", ":error-code": error.code, ":error-message": error.message}
            return encode_frame(Frame(headers))


def _event_in(frame: Frame) -> dict[str, Any] | None:
    try:
        return read_event(base64.b64decode(_object(frame.payload).get("bytes", ""), validate=True))
    except (binascii.Error, TypeError, ValueError):
        return None


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
