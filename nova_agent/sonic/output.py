"""What of a stream's output the session hears: the dialogue is told everything, and repetitions are held back (no I/O).

After a stream was replaced in the middle of an exchange, the service hears and does again what it had done: the
caller's words are told once, a tool runs once, and a sentence that came in full is not spoken again. FINAL texts are
kept from the plugin (livekit-plugins-aws 1.8.9 appends them to its history a second time).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from nova_agent.sonic.exchange import Dialogue
from nova_agent.sonic.turns import INTERRUPTED_MARKER

Event = dict[str, Any]
_SAMPLES_A_SECOND: Final = 24_000
_SAMPLE_BYTES: Final = 2
_NOTHING: Final[tuple[str, Event]] = ("", {})


@dataclass(frozen=True, slots=True)
class Heard:
    """``events`` go to the session; ``results`` are due to the model: of calls that were made and run before."""

    events: list[Event] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)


class OutputFilter:
    """Filters one stream's events.

    Args:
        dialogue: shared by all streams of the session.
        position: from milliseconds of this stream's audio to a position in the caller's.
        heard_from: position where speech began when no event tells so.
        now: seconds of a monotonic clock.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        *,
        position: Callable[[int], int],
        heard_from: Callable[[], int],
        now: Callable[[], float],
    ) -> None:
        self._dialogue = dialogue
        self._position = position
        self._heard_from = heard_from
        self._now = now
        self._held: Event | None = None
        self._dropped: set[str] = set()
        self._skips_audio = False
        self._skip_bytes = 0

    def take(self, event: Event) -> Heard:
        """Take the next event."""
        name, body = next(iter(event.get("event", {}).items()), _NOTHING)
        match name:
            case "contentStart":
                return self._content_start(event, body)
            case "textOutput":
                return self._text(event, body)
            case "audioOutput":
                return self._audio(event, body)
            case "toolUse":
                return self._tool(event, body)
            case "contentEnd":
                return self._content_end(event, body)
            case "userSpeechStart":
                self._dialogue.speech_started(self._position(body.get("inputAudioOffsetMs", 0)))
            case "userSpeechEnd":
                self._dialogue.speech_ended(self._now())
            case _:
                pass
        return Heard([event])

    def _content_start(self, event: Event, body: Event) -> Heard:
        kind, role = body.get("type"), body.get("role")
        if kind == "AUDIO":
            if self._skips_audio:
                self._dropped.add(body["contentId"])
                return Heard()
            return Heard([event])
        if kind == "TOOL" or (kind == "TEXT" and role == "ASSISTANT"):
            # What to do with the block shows in its content, which follows at once.
            self._held = event
            return Heard()
        return Heard([event])

    def _text(self, event: Event, body: Event) -> Heard:
        if self._held is None:
            return self._callers_words(event, body)
        start, self._held = self._held, None
        text = body["content"]
        if text == INTERRUPTED_MARKER:
            self._dialogue.interrupted()
            return Heard([start, event])
        if "SPECULATIVE" not in str(start["event"]["contentStart"].get("additionalModelFields", "")):
            self._dropped.add(body["contentId"])
            return Heard()
        self._skips_audio = self._dialogue.was_said(text)
        if self._skips_audio:
            self._dropped.add(body["contentId"])
            return Heard()
        self._skip_bytes = round(self._dialogue.seconds_said(text) * _SAMPLES_A_SECOND) * _SAMPLE_BYTES
        self._dialogue.announced(text)
        return Heard([start, event])

    def _callers_words(self, event: Event, body: Event) -> Heard:
        if body.get("role") != "USER":
            return Heard([event])
        known = self._dialogue.repeats_transcript()
        self._dialogue.heard(body["content"], self._heard_from())
        return Heard() if known else Heard([event])

    def _audio(self, event: Event, body: Event) -> Heard:
        if body["contentId"] in self._dropped:
            return Heard()
        content = body["content"]
        size = len(content) * 3 // 4 - content[-2:].count("=")
        self._dialogue.spoke(size / _SAMPLE_BYTES / _SAMPLES_A_SECOND)
        return Heard(self._unsaid(event, body, size) if self._skip_bytes else [event])

    def _unsaid(self, event: Event, body: Event, size: int) -> list[Event]:
        """Leave out what the caller has heard of this sentence."""
        skipped = min(size, self._skip_bytes)
        self._skip_bytes -= skipped
        if skipped == size:
            return []
        rest = base64.b64encode(base64.b64decode(body["content"])[skipped:]).decode()
        return [{**event, "event": {"audioOutput": {**body, "content": rest}}}]

    def _tool(self, event: Event, body: Event) -> Heard:
        start, self._held = self._held, None
        earlier = self._dialogue.called(body["toolUseId"], body["toolName"], body["content"], self._now())
        if earlier is None:
            return Heard([start, event] if start is not None else [event])
        self._dropped.add(body["contentId"])
        return Heard(results=[(body["toolUseId"], earlier.result)] if earlier.result is not None else [])

    def _content_end(self, event: Event, body: Event) -> Heard:
        self._held = None
        is_last = body.get("stopReason") == "END_TURN"
        dropped = body.get("contentId") in self._dropped
        self._dropped.discard(body.get("contentId", ""))
        if body.get("type") == "AUDIO":
            self._dialogue.sentence_ended(is_last=is_last, goes_on=body.get("stopReason") == "PARTIAL_TURN")
            self._skips_audio, self._skip_bytes = False, 0
            return Heard([event] if is_last or not dropped else [])
        return Heard() if dropped else Heard([event])
