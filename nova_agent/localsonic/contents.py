"""The contents of one prompt: SYSTEM first, then history, then audio, typed text and tool results.

No I/O and no time. Rules: Amazon Nova 2 user guide, "sonic-input-events" and "sonic-chat-history".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

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
from nova_agent.localsonic.history import HistoryRules
from nova_agent.localsonic.inputs import (
    AudioOpened,
    AudioReceived,
    ContentEnded,
    ContentOpened,
    TextOpened,
    TextReceived,
    ToolResultOpened,
    ToolResultReceived,
)
from nova_agent.localsonic.jsontext import parse_json
from nova_agent.localsonic.limits import CHARS_A_TEXT, OPEN_CONTENTS, TEXT_CHARS
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import Verdicts

_DROPPED = "data without an open content was dropped"


@dataclass(slots=True)
class _OpenContent:
    opened: ContentOpened
    parts: list[str] = field(default_factory=list)
    has_data: bool = False

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def is_audio(self) -> bool:
        return isinstance(self.opened, AudioOpened)


class Contents:
    """Checks and collects the contents of one prompt."""

    def __init__(self, verdicts: Verdicts, switches: Switches) -> None:
        self._verdicts = verdicts
        self._switches = switches
        self._history = HistoryRules(switches.history_limits, verdicts)
        self._open: dict[str, _OpenContent] = {}
        self._open_texts = 0
        self._system_given = False
        self._audio_started = False
        self._typed_early: list[str] = []
        self._room_chars = TEXT_CHARS

    def open(self, event: ContentOpened) -> list[Fact]:
        """Take a contentStart."""
        if event.content_name in self._open:
            self._refuse(rejections.INVALID_INPUT, instead="a content of the same name was replaced")
            self._close(event.content_name)
        if len(self._open) >= OPEN_CONTENTS:
            raise StreamRejected(rejections.INVALID_INPUT)
        facts = self._check_position(event)
        self._open[event.content_name] = _OpenContent(event)
        self._open_texts += isinstance(event, TextOpened)
        if not isinstance(event, AudioOpened):
            return facts
        self._audio_started = True
        typed, self._typed_early = self._typed_early, []
        return [*facts, AudioStarted(event.rate_hz), *(TextTyped(text) for text in typed)]

    def audio(self, event: AudioReceived) -> list[Fact]:
        """Take an audioInput."""
        content = self._open.get(event.content_name)
        if content is None and self._audio_started:
            self.refuse_late_audio(event.content_name)
            return []
        if content is None or not content.is_audio:
            self._verdicts.refuse(rejections.no_open_content(event.content_name), instead=_DROPPED)
            return []
        content.has_data = True
        if self._open_texts:
            self._refuse(rejections.HISTORY_AFTER_AUDIO, instead="audio inside a text content was heard")
        try:
            return [AudioArrived(event.pcm)]
        except StreamRejected as rejection:
            self._verdicts.refuse(rejection, instead="audio that is no base64 of whole samples was dropped")
            return []

    def refuse_late_audio(self, content_name: str) -> None:
        """Audio came after the end of its content.

        LiveKit's audio task may still send while its closing events go out (livekit-plugins-aws 1.8.9).
        """
        late = self._switches.late_audio
        if late == "reject":
            raise rejections.no_open_content(content_name)
        if late == "profile":
            self._verdicts.refuse(rejections.no_open_content(content_name), instead="audio after its end was dropped")

    def text(self, event: TextReceived | ToolResultReceived, expected: type[TextOpened | ToolResultOpened]) -> None:
        """Take a textInput or a toolResult."""
        content = self._open.get(event.content_name)
        if content is None:
            self._verdicts.refuse(rejections.no_open_content(event.content_name), instead=_DROPPED)
        elif not isinstance(content.opened, expected):
            self._refuse(rejections.INVALID_INPUT, instead="data of another type than its content was dropped")
        else:
            self._room_chars -= len(event.content) + CHARS_A_TEXT
            if self._room_chars < 0:
                raise StreamRejected(rejections.INVALID_INPUT)
            content.parts.append(event.content)
            content.has_data = True

    def end(self, event: ContentEnded) -> list[Fact]:
        """Take a contentEnd."""
        content = self._close(event.content_name)
        if content is None:
            self._verdicts.refuse(
                rejections.no_open_content(event.content_name),
                instead="the end of a content that is not open was ignored",
            )
            return []
        if not content.has_data:
            self._verdicts.refuse(
                rejections.content_without_data(event.content_name), instead="a content without data was ignored"
            )
        opened = content.opened
        if isinstance(opened, AudioOpened):
            return [AudioStopped()]
        if not content.has_data:
            return []
        if isinstance(opened, ToolResultOpened):
            return [self._tool_result(opened, content.text)]
        return self._finished_text(opened, content.text)

    def end_prompt(self, prompt_name: str) -> None:
        """Take the promptEnd."""
        # pipecat's ordinary disconnect leaves its audio content open (pipecat, _send_session_end_events).
        audio_may_stay = self._switches.open_audio_at_prompt_end == "accept"
        if any(not (content.is_audio and audio_may_stay) for content in self._open.values()):
            self._refuse(rejections.CONTENTS_STILL_OPEN, instead="open contents were closed with their prompt")
        if not self._audio_started:
            self._verdicts.refuse(
                rejections.prompt_without_audio(prompt_name), instead="a prompt without audio was ended"
            )
        self._open.clear()
        self._open_texts = 0

    def _close(self, content_name: str) -> _OpenContent | None:
        content = self._open.pop(content_name, None)
        self._open_texts -= content is not None and isinstance(content.opened, TextOpened)
        return content

    def _check_position(self, event: ContentOpened) -> list[Fact]:
        """Whether this content may open now; opening audio may close other audio."""
        if isinstance(event, TextOpened) and event.role == "SYSTEM":
            if self._system_given:
                self._refuse(rejections.SYSTEM_TWICE, instead="a further SYSTEM content was added to the first")
            self._system_given = True
            return []
        if not self._system_given:
            self._refuse(rejections.SYSTEM_FIRST, instead="a prompt without SYSTEM content goes on")
        if isinstance(event, AudioOpened):
            return self._replace_audio()
        if isinstance(event, TextOpened) and event.role == "USER" and not event.interactive and self._audio_started:
            self._refuse(rejections.HISTORY_AFTER_AUDIO, instead="history after the start of audio was taken")
        return []

    def _replace_audio(self) -> list[Fact]:
        running = [name for name, content in self._open.items() if content.is_audio]
        if not running:
            return []
        if self._switches.second_audio_content == "reject":
            self._refuse(rejections.INVALID_INPUT, instead="a second audio content took the place of the first")
        for name in running:
            self._close(name)
        return [AudioStopped()]

    def _finished_text(self, opened: TextOpened, text: str) -> list[Fact]:
        if opened.role in ("SYSTEM", "SYSTEM_SPEECH"):
            return [SystemGiven(text)] if opened.role == "SYSTEM" else []
        if opened.role == "USER" and opened.interactive:
            return self._typed(text)
        if opened.role == "ASSISTANT" and self._audio_started:
            # Accepted in mid-session, and without effect (measured by others on Nova 2).
            return []
        return self._past(HistoryTurn("USER" if opened.role == "USER" else "ASSISTANT", text))

    def _typed(self, text: str) -> list[Fact]:
        if self._audio_started:
            return [TextTyped(text)]
        # Before the audio opens only its position tells a message from history: the user guide's own history
        # example is marked interactive. It is history if an ASSISTANT block follows, else a message.
        self._typed_early.append(text)
        return []

    def _past(self, turn: HistoryTurn) -> list[Fact]:
        earlier, self._typed_early = self._typed_early, []
        turns = [*(HistoryTurn("USER", typed) for typed in earlier), turn]
        for one in turns:
            self._history.check(one)
        return [HistoryGiven(one) for one in turns]

    def _tool_result(self, opened: ToolResultOpened, text: str) -> ToolResultGiven:
        try:
            parsed = parse_json(text)
        except ValueError:
            self._refuse(rejections.TOOL_RESULT_UNPARSEABLE, instead="a tool result that is no JSON was wrapped")
            return ToolResultGiven(opened.tool_use_id, json.dumps({"result": text}))
        if not isinstance(parsed, dict) and self._switches.tool_result_json == "object":
            self._refuse(rejections.TOOL_RESULT_UNPARSEABLE, instead="a tool result that is no object was wrapped")
        return ToolResultGiven(opened.tool_use_id, text if isinstance(parsed, dict) else json.dumps({"result": parsed}))

    def _refuse(self, message: str, *, instead: str) -> None:
        self._verdicts.refuse(StreamRejected(message), instead=instead)
