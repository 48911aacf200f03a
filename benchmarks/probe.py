"""Notes the moments of one call as they happen: in the session, on the line, in the record."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.marks import AnswerMarks, CallMarks
from nova_agent.simulate.line import AgentAudio, AgentStartedPlaying, LineEvent
from nova_agent.simulate.pcm import AUDIBLE, loudness


class CallProbe:
    """Moments go to the answer that is awaited: the opening first, then one for each utterance of the caller."""

    def __init__(self) -> None:
        self.marks = CallMarks(opening=AnswerMarks(asked=time.monotonic()))
        self._answer = self.marks.opening
        self.agent_said: list[str] = []
        """What the agent has said since the caller last spoke, turn by turn."""

    @property
    def agent_was_heard(self) -> bool:
        return self._answer.audible is not None

    def call_began(self) -> None:
        self.marks.opening.asked = time.monotonic()

    def caller_finished(self, at: float) -> None:
        """The caller's last word was on the line at ``at``."""
        self._answer = AnswerMarks(asked=at)
        self.marks.turns.append(self._answer)
        self.agent_said.clear()

    def session_made(self) -> None:
        self.marks.session_made = self.marks.session_made or time.monotonic()

    def stream_opened(self) -> None:
        self.marks.stream_opened = self.marks.stream_opened or time.monotonic()

    def received(self) -> None:
        self._answer.received = self._answer.received or time.monotonic()

    def on_line(self, event: LineEvent) -> None:
        """Take an event of the line; a slot counts at its end, when it has been heard."""
        if self._answer.received is None:
            return
        match event:
            case AgentStartedPlaying():
                self._answer.playing = self._answer.playing or time.monotonic()
            case AgentAudio() if self._answer.audible is None and loudness(event.pcm) >= AUDIBLE:
                self._answer.audible = time.monotonic()

    def on_record(self, event: dict[str, Any]) -> None:
        """Take an event of the call's record."""
        match event["event"]:
            case "turn.agent":
                self.agent_said.append(event["text"])
            case "tool.returned":
                self._answer.tools_ms += event["ms"]
            case "metric.first_audio" if self._answer.recorded_ms is None:
                self._answer.recorded_ms = event["ms"]
