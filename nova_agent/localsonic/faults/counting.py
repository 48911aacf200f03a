"""Counts a stream's events as its client sees them, and says which opportunities for faults they are.

Read from the frames themselves, so that it holds for whatever makes them. An answer is everything between two turns of
the caller: speech, and tool calls with the speech that follows their results.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from nova_agent.localsonic.faults.points import Opportunity
from nova_agent.localsonic.frames import FrameDecoder

_INPUT_NAME: Final = re.compile(rb'\s*\{\s*"event"\s*:\s*\{\s*"(\w+)"')
_BYTES: Final = b'"bytes":"'
_PEEKED: Final = 48
"""Characters of base64 that hold an event's name: 36 bytes."""


class InputCounter:
    """Counts what the client sends."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, raw: bytes) -> tuple[str, int]:
        """Return the name of the event with this JSON text, and how many of them there have been; "" is unknown."""
        found = _INPUT_NAME.match(raw)
        name = found[1].decode() if found else ""
        self._counts[name] += 1
        return name, self._counts[name]


@dataclass(frozen=True, slots=True)
class Sent:
    """What one frame is an opportunity for, just before it leaves and just after."""

    before: Opportunity | None = None
    after: Opportunity | None = None


_NOTHING: Final = Sent()


class OutputCounter:
    """Counts what is sent to the client: answers, their audio, and tool calls."""

    def __init__(self) -> None:
        self._answers = 0
        self._is_answering = False
        self._tools = 0
        self._bytes_per_ms = 0.0
        self._audio_ms = 0.0
        self._reached_ms = -1.0

    def count(self, frame: bytes, *, measures_audio: bool) -> Sent:
        """Take one whole frame. Audio is decoded only if somebody wants to know how much of it there is."""
        match _event_name(frame):
            case "contentStart":
                return self._content_started(_event_body(frame))
            case "audioOutput":
                return self._audio_sent(frame, measures_audio=measures_audio)
            case "contentEnd":
                return self._content_ended(_event_body(frame))
            case "completionEnd":
                self._is_answering = False
        return _NOTHING

    def _content_started(self, body: dict[str, Any]) -> Sent:
        if body.get("role") == "USER":
            self._is_answering = False
            return _NOTHING
        if "FINAL" in str(body.get("additionalModelFields")):
            return _NOTHING
        rate_hz = body.get("audioOutputConfiguration", {}).get("sampleRateHertz")
        self._bytes_per_ms = rate_hz / 500 if rate_hz else self._bytes_per_ms
        if self._is_answering:
            return _NOTHING
        self._is_answering = True
        self._answers += 1
        self._audio_ms, self._reached_ms = 0.0, -1.0
        return Sent(before=Opportunity("turn", number=self._answers))

    def _audio_sent(self, frame: bytes, *, measures_audio: bool) -> Sent:
        if self._reached_ms >= 0 and not measures_audio:
            return _NOTHING
        moment = Opportunity("audio", number=self._answers, after=self._reached_ms, until=self._audio_ms)
        self._reached_ms = self._audio_ms
        if measures_audio and self._bytes_per_ms:
            self._audio_ms += len(base64.b64decode(_event_body(frame)["content"])) / self._bytes_per_ms
        return Sent(before=moment)

    def _content_ended(self, body: dict[str, Any]) -> Sent:
        kind, stop = body.get("type"), body.get("stopReason")
        if stop == "INTERRUPTED" or (kind, stop) == ("AUDIO", "END_TURN"):
            self._is_answering = False
        if kind != "TOOL":
            return _NOTHING
        self._tools += 1
        return Sent(after=Opportunity("tool", number=self._tools))


def _event_name(frame: bytes) -> str:
    """Peek at the beginning of a frame's payload; "" for frames that hold no event."""
    at = frame.find(_BYTES, 12, 256)
    if at < 0:
        return ""
    at += len(_BYTES)
    try:
        found = _INPUT_NAME.match(base64.b64decode(frame[at : at + _PEEKED]))
    except ValueError:
        return _whole_event_name(frame)  # shorter than what is peeked at
    return found[1].decode() if found else ""


def _whole_event_name(frame: bytes) -> str:
    (name,) = _event(frame)
    return name


def _event_body(frame: bytes) -> dict[str, Any]:
    (body,) = _event(frame).values()
    return body


def _event(frame: bytes) -> dict[str, dict[str, Any]]:
    (decoded,) = FrameDecoder().feed(frame)
    event: dict[str, dict[str, Any]] = json.loads(base64.b64decode(json.loads(decoded.payload)["bytes"]))["event"]
    return event
