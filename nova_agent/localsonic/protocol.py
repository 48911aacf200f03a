"""The order of a stream's input: session, prompt, contents. Input events go in, facts for the conversation come out.

No I/O and no time. A violation raises :class:`StreamRejected` with the service's text. Rules: Amazon Nova 2 user guide,
"sonic-event-lifecycle" and "sonic-chat-history".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum, auto

from nova_agent.localsonic import rejections
from nova_agent.localsonic.brain.port import HistoryTurn
from nova_agent.localsonic.facts import (
    AudioArrived,
    AudioStarted,
    AudioStopped,
    Fact,
    HistoryGiven,
    SystemGiven,
    TextTyped,
    ToolResultGiven,
)
from nova_agent.localsonic.inputs import (
    AudioOpened,
    AudioReceived,
    ContentEnded,
    ContentOpened,
    InputEvent,
    PromptEnded,
    PromptStarted,
    SessionEnded,
    SessionStarted,
    TextOpened,
    TextReceived,
    ToolResultOpened,
    ToolResultReceived,
)
from nova_agent.localsonic.rejections import StreamRejected

# AWS raised these from 1 KB and 40 KB in April 2026 (sample-amazon-nova-sonic-eval-harness, 2026-04-24).
HISTORY_MESSAGE_BYTES = 50 * 1024
HISTORY_TOTAL_BYTES = 200 * 1024


class _Stage(Enum):
    NEW = auto()
    SESSION = auto()
    PROMPT = auto()
    OVER = auto()


@dataclass(slots=True)
class _OpenContent:
    opened: ContentOpened
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)


class SessionProtocol:
    """Checks one stream's input events and says what each of them means."""

    def __init__(self) -> None:
        self._stage = _Stage.NEW
        self._prompt_name = ""
        self._open: dict[str, _OpenContent] = {}
        self._system_given = False
        self._audio_started = False
        self._history_bytes = 0
        self._last_history_role = ""
        self._typed_early: list[str] = []

    def receive(self, event: InputEvent) -> list[Fact]:
        """Take one event and return what it means, oldest first.

        Raises:
            StreamRejected: the event is not allowed here.
        """
        match event:
            case SessionStarted():
                self._require(_Stage.NEW)
                self._stage = _Stage.SESSION
                return [event]
            case PromptStarted():
                return self._start_prompt(event)
            case PromptEnded():
                return self._end_prompt(event)
            case SessionEnded():
                self._require(_Stage.SESSION)
                self._stage = _Stage.OVER
                return [event]
            case _:
                return self._content(event)

    def _content(
        self, event: ContentOpened | TextReceived | AudioReceived | ToolResultReceived | ContentEnded
    ) -> list[Fact]:
        match event:
            case AudioReceived():
                return self._audio(event)
            case TextReceived():
                self._text_part(event, TextOpened)
                return []
            case ToolResultReceived():
                self._text_part(event, ToolResultOpened)
                return []
            case ContentEnded():
                return self._end_content(event)
            case _:
                return self._open_content(event)

    def _require(self, stage: _Stage) -> None:
        if self._stage is not stage:
            raise StreamRejected(rejections.INVALID_INPUT)

    def _require_prompt(self, prompt_name: str) -> None:
        self._require(_Stage.PROMPT)
        if prompt_name != self._prompt_name:
            raise StreamRejected(rejections.INVALID_INPUT)

    def _start_prompt(self, event: PromptStarted) -> list[Fact]:
        self._require(_Stage.SESSION)
        self._stage = _Stage.PROMPT
        self._prompt_name = event.prompt_name
        self._system_given = self._audio_started = False
        return [event]

    def _end_prompt(self, event: PromptEnded) -> list[Fact]:
        self._require_prompt(event.prompt_name)
        # pipecat's ordinary disconnect leaves its audio content open (pipecat, _send_session_end_events).
        if any(not isinstance(content.opened, AudioOpened) for content in self._open.values()):
            raise StreamRejected(rejections.CONTENTS_STILL_OPEN)
        if not self._audio_started:
            raise rejections.prompt_without_audio(event.prompt_name)
        self._open.clear()
        self._stage = _Stage.SESSION
        return [event]

    def _open_content(self, event: ContentOpened) -> list[Fact]:
        self._require_prompt(event.prompt_name)
        if event.content_name in self._open:
            raise StreamRejected(rejections.INVALID_INPUT)
        self._check_position(event)
        self._open[event.content_name] = _OpenContent(event)
        if not isinstance(event, AudioOpened):
            return []
        self._audio_started = True
        typed, self._typed_early = self._typed_early, []
        return [AudioStarted(event.rate_hz), *(TextTyped(text) for text in typed)]

    def _check_position(self, event: ContentOpened) -> None:
        if isinstance(event, TextOpened) and event.role == "SYSTEM":
            if self._system_given:
                raise StreamRejected(rejections.SYSTEM_TWICE)
            self._system_given = True
        elif not self._system_given:
            raise StreamRejected(rejections.SYSTEM_FIRST)
        elif isinstance(event, AudioOpened):
            if any(isinstance(content.opened, AudioOpened) for content in self._open.values()):
                raise StreamRejected(rejections.INVALID_INPUT)
        elif isinstance(event, TextOpened) and event.role == "USER" and not event.interactive and self._audio_started:
            raise StreamRejected(rejections.HISTORY_AFTER_AUDIO)

    def _audio(self, event: AudioReceived) -> list[Fact]:
        content = self._open.get(event.content_name)
        if content is None and self._audio_started:
            # LiveKit's audio task may still send while its closing events go out (livekit-plugins-aws 1.8.9).
            return []
        if content is None or not isinstance(content.opened, AudioOpened):
            raise rejections.no_open_content(event.content_name)
        if any(isinstance(other.opened, TextOpened) for other in self._open.values()):
            raise StreamRejected(rejections.HISTORY_AFTER_AUDIO)
        return [AudioArrived(event.pcm)]

    def _text_part(
        self, event: TextReceived | ToolResultReceived, expected: type[TextOpened | ToolResultOpened]
    ) -> None:
        content = self._open.get(event.content_name)
        if content is None:
            raise rejections.no_open_content(event.content_name)
        if not isinstance(content.opened, expected):
            raise StreamRejected(rejections.INVALID_INPUT)
        content.parts.append(event.content)

    def _end_content(self, event: ContentEnded) -> list[Fact]:
        content = self._open.pop(event.content_name, None)
        if content is None:
            raise rejections.no_open_content(event.content_name)
        opened = content.opened
        if isinstance(opened, AudioOpened):
            return [AudioStopped()]
        if not content.parts:
            raise rejections.content_without_data(event.content_name)
        if isinstance(opened, ToolResultOpened):
            return [_tool_result(opened, content.text)]
        return self._finished_text(opened, content.text)

    def _finished_text(self, opened: TextOpened, text: str) -> list[Fact]:
        if opened.role in ("SYSTEM", "SYSTEM_SPEECH"):
            return [SystemGiven(text)] if opened.role == "SYSTEM" else []
        if opened.role == "USER" and opened.interactive:
            return self._typed(text)
        if self._audio_started:
            # ASSISTANT text in mid-session is accepted and has no effect (measured by others on Nova 2).
            return []
        return self._history("USER" if opened.role == "USER" else "ASSISTANT", text)

    def _typed(self, text: str) -> list[Fact]:
        if self._audio_started:
            return [TextTyped(text)]
        # Before the audio opens only its position tells a message from history: the user guide's own history
        # example is marked interactive. It is history if an ASSISTANT block follows, else a message.
        self._typed_early.append(text)
        return []

    def _history(self, role: str, text: str) -> list[Fact]:
        earlier, self._typed_early = self._typed_early, []
        turns = [HistoryTurn("USER", typed) for typed in earlier]
        turns.append(HistoryTurn("USER" if role == "USER" else "ASSISTANT", text))
        for turn in turns:
            self._check_history(turn)
        return [HistoryGiven(turn) for turn in turns]

    def _check_history(self, turn: HistoryTurn) -> None:
        size = len(turn.text.encode())
        self._history_bytes += size
        if size > HISTORY_MESSAGE_BYTES or self._history_bytes > HISTORY_TOTAL_BYTES:
            raise StreamRejected(rejections.HISTORY_TOO_LONG)
        expected = "ASSISTANT" if self._last_history_role == "USER" else "USER"
        if turn.role != expected:
            raise StreamRejected(rejections.INVALID_INPUT)
        self._last_history_role = turn.role


def _tool_result(opened: ToolResultOpened, text: str) -> ToolResultGiven:
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise StreamRejected(rejections.TOOL_RESULT_UNPARSEABLE)
    return ToolResultGiven(opened.tool_use_id, text)
