"""Output events, in the shapes that the real service sends. Wire spellings start here.

Shapes and order: recorded sessions of Nova Sonic 1 and 2, and the Amazon Nova 2 user guide, "sonic-output-events".
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nova_agent.localsonic.usage import Usage

Event = dict[str, Any]
Stage = Literal["SPECULATIVE", "FINAL"]
StopReason = Literal["PARTIAL_TURN", "END_TURN", "INTERRUPTED", "TOOL_USE"]

# LiveKit compares the whole text (livekit-plugins-aws 1.8.9, turn_tracker.py), so the blanks count.
INTERRUPTED_MARKER = '{ "interrupted" : true }'


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class OutputEvents:
    """Builds the events of one prompt. A block is a contentStart, its data and a contentEnd."""

    session_id: str
    prompt_name: str
    completion_id: str
    speech_has_completion_id: bool = False
    tool_use_has_role: bool = False

    def completion_start(self) -> Event:
        return self._event("completionStart")

    def completion_end(self) -> Event:
        return self._event("completionEnd", stopReason="END_TURN")

    def user_speech_start(self, offset_ms: int) -> Event:
        return self._speech_event("userSpeechStart", inputAudioOffsetMs=offset_ms)

    def user_speech_end(self, offset_ms: int, detected_ms: int) -> Event:
        return self._speech_event(
            "userSpeechEnd", inputAudioOffsetMs=offset_ms, inputAudioDetectionOffsetMs=detected_ms
        )

    def user_text(self, text: str) -> list[Event]:
        """A block with what the caller said."""
        return self._text_block("USER", "FINAL", text, "PARTIAL_TURN")

    def assistant_text(self, stage: Stage, text: str, stop: StopReason) -> list[Event]:
        """A block with one sentence: as it will be spoken (SPECULATIVE), or as it was (FINAL)."""
        return self._text_block("ASSISTANT", stage, text, stop)

    def audio_start(self, content_id: str, rate_hz: int) -> Event:
        form = {
            "channelCount": 1,
            "encoding": "base64",
            "mediaType": "audio/lpcm",
            "sampleRateHertz": rate_hz,
            "sampleSizeBits": 16,
        }
        return self._event(
            "contentStart", contentId=content_id, role="ASSISTANT", type="AUDIO", audioOutputConfiguration=form
        )

    def audio(self, content_id: str, pcm: bytes) -> Event:
        """``pcm``: s16le, mono, at the prompt's rate."""
        content = base64.b64encode(pcm).decode()
        return self._event("audioOutput", contentId=content_id, role="ASSISTANT", content=content)

    def audio_end(self, content_id: str, stop: StopReason) -> Event:
        return self._content_end(content_id, "AUDIO", stop)

    def tool_use(
        self, tool_use_id: str, name: str, arguments: Mapping[str, Any], *, double_encoded: bool
    ) -> list[Event]:
        """A block that asks the client to run a tool; the real service sometimes encodes the arguments twice."""
        content = json.dumps(dict(arguments), ensure_ascii=False)
        content_id = new_id()
        form = {"mediaType": "application/json"}
        role = {"role": "TOOL"} if self.tool_use_has_role else {}
        return [
            self._event(
                "contentStart", contentId=content_id, role="TOOL", type="TOOL", toolUseOutputConfiguration=form
            ),
            self._event(
                "toolUse",
                contentId=content_id,
                toolUseId=tool_use_id,
                toolName=name,
                content=json.dumps(content) if double_encoded else content,
                **role,
            ),
            self._content_end(content_id, "TOOL", "TOOL_USE"),
        ]

    def usage(self, usage: Usage) -> Event:
        delta, total = usage.delta, usage.total
        return self._event(
            "usageEvent",
            details={
                "delta": {"input": _tokens(delta.heard, delta.read), "output": _tokens(delta.spoken, delta.written)},
                "total": {"input": _tokens(total.heard, total.read), "output": _tokens(total.spoken, total.written)},
            },
            totalInputTokens=total.heard + total.read,
            totalOutputTokens=total.spoken + total.written,
            totalTokens=total.heard + total.read + total.spoken + total.written,
        )

    def _text_block(self, role: Literal["USER", "ASSISTANT"], stage: Stage, text: str, stop: StopReason) -> list[Event]:
        content_id = new_id()
        return [
            self._event(
                "contentStart",
                contentId=content_id,
                role=role,
                type="TEXT",
                textOutputConfiguration={"mediaType": "text/plain"},
                # A string of JSON: pipecat parses it, and fails on an object or null.
                additionalModelFields=json.dumps({"generationStage": stage}, separators=(",", ":")),
            ),
            self._event("textOutput", contentId=content_id, role=role, content=text),
            self._content_end(content_id, "TEXT", stop),
        ]

    def _content_end(self, content_id: str, kind: str, stop: StopReason) -> Event:
        return self._event("contentEnd", contentId=content_id, type=kind, stopReason=stop)

    def _event(self, name: str, /, **fields: Any) -> Event:
        body = {"sessionId": self.session_id, "promptName": self.prompt_name, "completionId": self.completion_id}
        return {"event": {name: {**body, **fields}}}

    def _speech_event(self, name: str, /, **fields: Any) -> Event:
        """userSpeechStart and userSpeechEnd alone carry no completionId, in most reports."""
        event = self._event(name, **fields)
        if not self.speech_has_completion_id:
            del event["event"][name]["completionId"]
        return event


def _tokens(speech: int, text: int) -> dict[str, int]:
    return {"speechTokens": speech, "textTokens": text}
