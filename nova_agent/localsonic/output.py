"""What one prompt sends: keeps blocks apart, completionStart single, and usage reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from nova_agent.localsonic.envelope import event_frame
from nova_agent.localsonic.outputs import INTERRUPTED_MARKER, Event, OutputEvents, StopReason, new_id
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.usage import Tokens, UsageMeter, speech_tokens, text_tokens


class Outlet(Protocol):
    """Where frames go."""

    def send(self, data: bytes) -> None:
        """Queue the bytes."""
        ...

    async def drained(self) -> None:
        """Return when the client has room for more."""
        ...


def unnoted(event: Event) -> None:
    """Takes no note of an event that was sent."""


class PromptOutput:
    """Sends one prompt's events. Blocks are strictly sequential: one ends before the next starts."""

    def __init__(
        self,
        outlet: Outlet,
        events: OutputEvents,
        *,
        rate_hz: int,
        switches: Switches,
        reports_speech: bool = True,
        sent: Callable[[Event], None] = unnoted,
    ) -> None:
        self._outlet = outlet
        self._events = events
        self._rate_hz = rate_hz
        self._switches = switches
        self._reports_speech = reports_speech and switches.user_speech_events
        self._sent = sent
        self._held_texts: list[str] = []
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
        if self._reports_speech:
            self._send(self._events.user_speech_start(offset_ms))
        if self._switches.completion_start == "speech":
            self._start()
        self.input_came()

    def speech_ended(self, offset_ms: int, detected_ms: int) -> None:
        if self._reports_speech:
            self._send(self._events.user_speech_end(offset_ms, detected_ms))

    def input_came(self) -> None:
        """Something new arrived: FINAL texts that waited for it go out."""
        texts, self._held_texts = self._held_texts, []
        self._final_texts(texts)

    def user_text(self, text: str) -> None:
        self._send(*self._events.user_text(text))

    def audio_received(self, duration_ms: float) -> None:
        if self._switches.bill_silence:
            self._usage.count(Tokens(heard=speech_tokens(duration_ms)))

    def heard(self, duration_ms: float) -> None:
        """So much of the audio was speech."""
        if not self._switches.bill_silence:
            self._usage.count(Tokens(heard=speech_tokens(duration_ms)))

    def sentence_announced(self, text: str) -> None:
        self._start()
        self._send(*self._events.assistant_text("SPECULATIVE", text, "PARTIAL_TURN"))
        self._usage.count(Tokens(written=text_tokens(text)))

    def sentences_spoken(self, texts: list[str]) -> None:
        """The answer was played to its end."""
        match self._switches.final_text:
            case "played":
                self._final_texts(texts)
            case "next-input":
                self._held_texts += texts
            case "missing":
                pass
        if self._switches.completion_per_turn:
            self._end_completion()
            self._events = replace(self._events, completion_id=new_id())

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

    def interrupted(self, spoken: Sequence[str]) -> None:
        """The caller speaks over the answer; ``spoken`` is what was heard of it, by sentences."""
        layout = self._switches.barge_in_layout
        self.audio_ended("PARTIAL_TURN" if layout == "silent" else self._switches.barge_in_audio_stop)
        match layout:
            case "marker":
                self._marker("INTERRUPTED")
                self._final_texts(spoken)
            case "marker-then-spoken":
                self._marker("PARTIAL_TURN")
                self._final_texts(spoken, last="INTERRUPTED")
            case "spoken":
                self._final_texts(spoken or [""], last="INTERRUPTED")
            case "silent":
                pass

    def _marker(self, stop: StopReason) -> None:
        self._send(*self._events.assistant_text("FINAL", INTERRUPTED_MARKER, stop))

    def _final_texts(self, texts: Sequence[str], *, last: StopReason | None = None) -> None:
        """END_TURN stands on the first, as recorded from the real service, and marks nothing."""
        for index, text in enumerate(texts):
            stop: StopReason = "PARTIAL_TURN" if index else "END_TURN"
            stop = last if last is not None and index == len(texts) - 1 else stop
            self._send(*self._events.assistant_text("FINAL", text, stop))

    def tool_called(self, tool_use_id: str, name: str, arguments: dict[str, object], *, double_encoded: bool) -> None:
        self._start()
        self._send(*self._events.tool_use(tool_use_id, name, arguments, double_encoded=double_encoded))

    def report_usage(self) -> None:
        if (usage := self._usage.report()) is not None:
            self._send(self._events.usage(usage))

    def ended(self) -> None:
        self.audio_ended("END_TURN")
        self.report_usage()
        if self._started:
            self._end_completion()

    def _end_completion(self) -> None:
        self._started = False
        self._send(self._events.completion_end())

    def _start(self) -> None:
        """completionStart comes once per prompt (recorded by others on Nova 1 and 2)."""
        if not self._started:
            self._started = True
            self._send(self._events.completion_start())

    def _send(self, *events: Event) -> None:
        for event in events:
            self._outlet.send(event_frame(event, padded=self._switches.payload_padding))
            self._sent(event)
