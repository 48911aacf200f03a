"""The order of a stream's input: session, prompt, contents. Input events go in, facts for the conversation come out.

No I/O and no time. A violation raises :class:`StreamRejected` with the service's text, or is forgiven where the profile
is lenient. Rules: Amazon Nova 2 user guide, "sonic-event-lifecycle" and "sonic-chat-history".
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from nova_agent.localsonic import rejections
from nova_agent.localsonic.contents import Contents
from nova_agent.localsonic.facts import Fact
from nova_agent.localsonic.inputs import (
    AudioOpened,
    AudioReceived,
    ContentEnded,
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
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import Verdicts

_OUT_OF_ORDER: Final = "an event out of order was left out"


class _Stage(Enum):
    NEW = auto()
    SESSION = auto()
    PROMPT = auto()
    OVER = auto()


class SessionProtocol:
    """Checks one stream's input events and says what each of them means."""

    def __init__(self, verdicts: Verdicts | None = None, switches: Switches | None = None) -> None:
        self._verdicts = verdicts or Verdicts("strict")
        self._switches = switches or Switches()
        self._stage = _Stage.NEW
        self._prompt_name = ""
        self._contents = Contents(self._verdicts, self._switches)

    def receive(self, event: InputEvent) -> list[Fact]:
        """Take one event and return what it means, oldest first.

        Raises:
            StreamRejected: the event is not allowed here.
        """
        match event:
            case SessionStarted():
                return self._start_session(event)
            case PromptStarted():
                return self._start_prompt(event)
            case PromptEnded():
                return self._end_prompt(event)
            case SessionEnded():
                return self._end_session(event)
            case _:
                return self._content(event)

    def _start_session(self, event: SessionStarted) -> list[Fact]:
        if self._stage is not _Stage.NEW:
            self._refuse(_OUT_OF_ORDER)
            return []
        self._stage = _Stage.SESSION
        return [event]

    def _start_prompt(self, event: PromptStarted) -> list[Fact]:
        if self._stage is not _Stage.SESSION:
            self._refuse(_OUT_OF_ORDER)
            if self._stage is not _Stage.NEW:
                return []
        self._stage = _Stage.PROMPT
        self._prompt_name = event.prompt_name
        self._contents = Contents(self._verdicts, self._switches)
        return [event]

    def _end_prompt(self, event: PromptEnded) -> list[Fact]:
        if not self._in_prompt(event.prompt_name):
            return []
        self._contents.end_prompt(event.prompt_name)
        self._stage = _Stage.SESSION
        return [event]

    def _end_session(self, event: SessionEnded) -> list[Fact]:
        facts: list[Fact] = []
        if self._stage is not _Stage.SESSION:
            self._refuse("the session was ended with what was open in it")
            facts = [PromptEnded(promptName=self._prompt_name)] if self._stage is _Stage.PROMPT else []
        self._stage = _Stage.OVER
        return [*facts, event]

    def _content(
        self,
        event: AudioOpened
        | TextOpened
        | ToolResultOpened
        | TextReceived
        | AudioReceived
        | ToolResultReceived
        | ContentEnded,
    ) -> list[Fact]:
        if isinstance(event, AudioReceived) and self._stage is not _Stage.PROMPT:
            # Audio names its content; that its prompt is over shows there.
            return self._late_audio(event)
        if not self._in_prompt(event.prompt_name):
            return []
        match event:
            case AudioReceived():
                return self._contents.audio(event)
            case TextReceived() | ToolResultReceived():
                self._contents.text(event, TextOpened if isinstance(event, TextReceived) else ToolResultOpened)
                return []
            case ContentEnded():
                return self._contents.end(event)
            case _:
                return self._contents.open(event)

    def _late_audio(self, event: AudioReceived) -> list[Fact]:
        if self._prompt_name:
            self._contents.refuse_late_audio(event.content_name)
        else:
            self._refuse(_OUT_OF_ORDER)
        return []

    def _in_prompt(self, prompt_name: str) -> bool:
        """Whether that is the open prompt; a lenient stream takes another's name for it."""
        if self._stage is not _Stage.PROMPT:
            self._refuse(_OUT_OF_ORDER)
            return False
        if prompt_name != self._prompt_name:
            self._refuse("another prompt's name was taken for the open one's")
        return True

    def _refuse(self, instead: str) -> None:
        # The service's text for these is not known; its generic one is used.
        self._verdicts.refuse(StreamRejected(rejections.INVALID_INPUT), instead=instead)
