"""Telling whose turn it is from the order of Nova Sonic's output events (pure policy, no I/O).

Stands in for the plugin's ``_TurnTracker`` (1.8.9), which starts a new turn at every sentence the agent speaks:
each one then closes an empty user transcript and announces the same answer again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from livekit.agents import llm

type Emit = Callable[[str, Any], None]

INTERRUPTED_MARKER: Final = '{ "interrupted" : true }'


class TurnTracker:
    """Turns wire events into the framework's user-turn events, once each.

    Args:
        emit: sends an event of the realtime session.
        announce: tells the framework that the current answer has begun; called at most once an answer by its owner.
        is_typed_to: whether the next answer is to something that was typed.
    """

    def __init__(
        self, emit: Emit, announce: Callable[[], None], *, is_typed_to: Callable[[], bool] = lambda: False
    ) -> None:
        self._emit = emit
        self._announce = announce
        self._is_typed_to = is_typed_to
        self._begin_turn()

    def _begin_turn(self) -> None:
        self._item_id = f"user_{uuid.uuid4().hex}"
        self._words: list[str] = []
        self._speaking = False

    def feed(self, wire_event: Mapping[str, Any]) -> None:
        """Take one output event, in wire order."""
        event = wire_event.get("event", {})
        if text := event.get("textOutput"):
            self._on_text(text)
        elif (start := event.get("contentStart")) and _opens_answer(start):
            self._on_answer()

    def forget(self) -> None:
        """What was being said is said again: its words have not been heard."""
        self._words = []

    def _on_text(self, text: Mapping[str, Any]) -> None:
        if text.get("content") == INTERRUPTED_MARKER:
            # What was typed has interrupted the rest of the last answer. Nobody speaks; and the framework would take it
            # for a word over the answer that is awaited, and not run the tool that this begins with.
            if not self._is_typed_to():
                self._on_speech_started()
        elif text.get("role") == "USER":
            self._on_speech_started()
            self._words.append(text["content"])
            self._transcribed(final=False)

    def _on_speech_started(self) -> None:
        if not self._speaking:
            self._speaking = True
            self._emit("input_speech_started", llm.InputSpeechStartedEvent())

    def _on_answer(self) -> None:
        if self._speaking:
            self._emit("input_speech_stopped", llm.InputSpeechStoppedEvent(user_transcription_enabled=True))
        if self._words:
            self._transcribed(final=True)
        self._begin_turn()
        self._announce()

    def _transcribed(self, *, final: bool) -> None:
        self._emit(
            "input_audio_transcription_completed",
            llm.InputTranscriptionCompleted(
                item_id=self._item_id, transcript=" ".join(self._words).strip(), is_final=final
            ),
        )


def _opens_answer(start: Mapping[str, Any]) -> bool:
    if start.get("type") == "TOOL":
        return True
    return start.get("role") == "ASSISTANT" and "SPECULATIVE" in str(start.get("additionalModelFields", ""))
