"""What one prompt sends: keeps blocks apart, completionStart single, and usage reported."""

from __future__ import annotations

from typing import Protocol

from nova_agent.localsonic.envelope import event_frame
from nova_agent.localsonic.outputs import Event, OutputEvents, StopReason, new_id
from nova_agent.localsonic.usage import Tokens, UsageMeter, speech_tokens, text_tokens


class Outlet(Protocol):
    """Where frames go."""

    def send(self, data: bytes) -> None:
        """Queue the bytes."""
        ...

    async def drained(self) -> None:
        """Return when the client has room for more."""
        ...


class PromptOutput:
    """Sends one prompt's events. Blocks are strictly sequential: one ends before the next starts."""

    def __init__(self, outlet: Outlet, events: OutputEvents, *, rate_hz: int, start_with_speech: bool) -> None:
        self._outlet = outlet
        self._events = events
        self._rate_hz = rate_hz
        self._start_with_speech = start_with_speech
        self._usage = UsageMeter()
        self._started = False
        self._open_audio = ""

    @property
    def rate_hz(self) -> int:
        return self._rate_hz

    async def drained(self) -> None:
        await self._outlet.drained()

    def read(self, text: str) -> None:
        """The model was given a text."""
        self._usage.count(Tokens(read=text_tokens(text)))
        self.report_usage()

    def speech_started(self, offset_ms: int) -> None:
        self._send(self._events.user_speech_start(offset_ms))
        if self._start_with_speech:
            self._start()

    def speech_ended(self, offset_ms: int, detected_ms: int) -> None:
        self._send(self._events.user_speech_end(offset_ms, detected_ms))

    def user_text(self, text: str) -> None:
        self._send(*self._events.user_text(text))

    def heard(self, duration_ms: float) -> None:
        self._usage.count(Tokens(heard=speech_tokens(duration_ms)))

    def sentence_announced(self, text: str) -> None:
        self._start()
        self._send(*self._events.assistant_text("SPECULATIVE", text, "PARTIAL_TURN"))
        self._usage.count(Tokens(written=text_tokens(text)))

    def sentences_spoken(self, texts: list[str]) -> None:
        """FINAL texts: END_TURN stands on the first, as recorded from the real service, and marks nothing."""
        for index, text in enumerate(texts):
            self._send(*self._events.assistant_text("FINAL", text, "PARTIAL_TURN" if index else "END_TURN"))

    def audio_started(self) -> None:
        self._open_audio = new_id()
        self._send(self._events.audio_start(self._open_audio, self._rate_hz))

    def audio(self, pcm: bytes) -> None:
        self._send(self._events.audio(self._open_audio, pcm))
        self._usage.count(Tokens(spoken=speech_tokens(len(pcm) / 2 / self._rate_hz * 1000)))

    def audio_ended(self, stop: StopReason) -> None:
        """Close the open audio block; without one this does nothing."""
        if self._open_audio:
            self._send(self._events.audio_end(self._open_audio, stop))
            self._open_audio = ""
            self.report_usage()

    def interrupted(self) -> None:
        self.audio_ended("END_TURN")
        self._send(*self._events.interrupted())

    def tool_called(self, tool_use_id: str, name: str, arguments: dict[str, object], *, double_encoded: bool) -> None:
        self._start()
        self._send(*self._events.tool_use(tool_use_id, name, arguments, double_encoded=double_encoded))

    def report_usage(self) -> None:
        if (usage := self._usage.report()) is not None:
            self._send(self._events.usage(usage))

    def ended(self) -> None:
        self.audio_ended("END_TURN")
        self.report_usage()
        self._send(self._events.completion_end())

    def _start(self) -> None:
        """completionStart comes once per prompt."""
        if not self._started:
            self._started = True
            self._send(self._events.completion_start())

    def _send(self, *events: Event) -> None:
        for event in events:
            self._outlet.send(event_frame(event))
