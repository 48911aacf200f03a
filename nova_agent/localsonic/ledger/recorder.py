"""Writes one stream's ledger while the stream goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

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
from nova_agent.localsonic.inputs import AudioReceived, InputEvent, PromptStarted, SessionEnded, SessionStarted
from nova_agent.localsonic.jsontext import parse_json
from nova_agent.localsonic.ledger.bodies import BodyBudget, cut_text
from nova_agent.localsonic.ledger.outputs import OutputCounter
from nova_agent.localsonic.ledger.stream import GAP_FLOOR_S, StreamLedger
from nova_agent.localsonic.ledger.values import (
    AudioContent,
    AudioRun,
    Ending,
    EventEntry,
    HistoryText,
    HowEnded,
    ToolResult,
    TypedText,
)
from nova_agent.localsonic.outputs import Event
from nova_agent.localsonic.rejections import StreamRejected

EVENTS_KEPT: Final = 2_000
_TEXTS_KEPT: Final = 2_000

Now = Callable[[], tuple[float, float]]
"""Monotonic and simulated seconds."""


class AudioSink(Protocol):
    """Takes the caller's audio, on top of its being counted."""

    def start(self, rate_hz: int) -> None:
        """Audio of this rate follows."""
        ...

    def feed(self, pcm: bytes) -> None:
        """PCM s16le, mono, any number of whole samples."""
        ...

    def flush(self) -> None:
        """No more audio follows."""
        ...


class StreamRecorder:
    """Takes notes of one stream. An audio event costs it a few microseconds, so notes of audio are counts."""

    def __init__(self, stream: StreamLedger, now: Now, sinks: tuple[AudioSink, ...] = ()) -> None:
        self._stream = stream
        self._now = now
        self._sinks = sinks
        self._bodies = BodyBudget()
        self._outputs = OutputCounter(stream.outputs)
        self._run: AudioRun | None = None
        self._content: AudioContent | None = None
        self._content_name = ""
        self._at_s = self._sim_s = 0.0
        self._quiet_at_s = self._quiet_sim_s = 0.0
        self._session_started = self._session_ended = False

    def read(self, raw: bytes, reader: Callable[[bytes], InputEvent | None]) -> InputEvent | None:
        """Let the reader read an event, and note it, refused or not.

        Raises:
            StreamRejected: the reader did.
        """
        try:
            event = reader(raw)
        except StreamRejected:
            self._received(raw, None)
            raise
        self._received(raw, event)
        return event

    def meant(self, fact: Fact) -> None:
        """The event that was read last means this."""
        match fact:
            case AudioArrived():
                self._heard(fact.pcm)
            case TextTyped():
                self._touched()
                self._add(self._stream.typed, TypedText(self._at_s, self._sim_s, cut_text(fact.text)))
            case AudioStarted():
                self._start_audio(fact.rate_hz)
            case AudioStopped():
                self._stop_audio()
            case _:
                self._learnt(fact)

    def ignored(self) -> None:
        """An event came that does not matter any more."""
        self._stream.events_ignored += 1

    def sent(self, event: Event) -> None:
        """The endpoint sends an event."""
        self._outputs.count(event, *self._now())

    def ended(self, how: HowEnded, exception: str | None = None, message: str | None = None) -> None:
        """The stream is over; only the first call counts."""
        stream = self._stream
        if stream.ended is not None:
            return
        self._at_s, self._sim_s = stream.closed_at_s, stream.closed_sim_s = self._now()
        if self._session_started:
            self._touched()
        self._stop_audio()
        for sink in self._sinks:
            sink.flush()
        stream.ended = Ending(how, exception, message, self._session_ended, stream.event_count)

    def _received(self, raw: bytes, event: InputEvent | None) -> None:
        stream = self._stream
        self._at_s, self._sim_s = self._now()
        stream.event_count += 1
        if stream.event_count == 1:
            stream.first_event_at_s, stream.first_event_sim_s = self._at_s, self._sim_s
        if isinstance(event, AudioReceived):
            self._note_audio(event)
            return
        self._run = None
        self._content_name = getattr(event, "content_name", "")
        if len(stream.events) < EVENTS_KEPT:
            stream.events.append(self._entry(raw, refused=event is None))
        else:
            stream.events_left_out += 1

    def _note_audio(self, event: AudioReceived) -> None:
        samples = _samples_in(event.content)
        run = self._run
        if run is None or run.content_name != event.content_name:
            self._start_run(event.content_name, samples)
            return
        run.count += 1
        run.samples += samples
        run.max_gap_s = max(run.max_gap_s, self._sim_s - run.last_sim_s)
        run.last_at_s, run.last_sim_s = self._at_s, self._sim_s
        if samples < run.min_chunk_samples:
            run.min_chunk_samples = samples
        elif samples > run.max_chunk_samples:
            run.max_chunk_samples = samples

    def _start_run(self, content_name: str, samples: int) -> None:
        stream = self._stream
        run = AudioRun(content_name, 1, samples, self._at_s, self._sim_s, 0.0, samples, samples)
        if len(stream.events) < EVENTS_KEPT:
            self._run = run
            stream.events.append(EventEntry(stream.event_count, self._at_s, self._sim_s, "audioInput", audio=run))
        else:
            stream.events_left_out += 1

    def _entry(self, raw: bytes, *, refused: bool) -> EventEntry:
        name, body = _named(raw)
        kept, cut = self._bodies.keep(raw, body)
        return EventEntry(self._stream.event_count, self._at_s, self._sim_s, name, kept, cut, refused)

    def _heard(self, pcm: bytes) -> None:
        content = self._content
        if content is None:
            return
        content.samples += len(pcm) // 2
        content.seconds = content.samples / content.rate_hz
        self._touched()
        for sink in self._sinks:
            sink.feed(pcm)

    def _start_audio(self, rate_hz: int) -> None:
        self._content = AudioContent(self._content_name, rate_hz, self._at_s, self._sim_s)
        self._add(self._stream.audio, self._content)
        for sink in self._sinks:
            sink.start(rate_hz)

    def _stop_audio(self) -> None:
        content, self._content = self._content, None
        if content is not None:
            content.closed_at_s, content.closed_sim_s = self._at_s, self._sim_s

    def _touched(self) -> None:
        """Audio or interactive content came: a gap ends here, if there was one."""
        if (seconds := self._sim_s - self._quiet_sim_s) > GAP_FLOOR_S:
            self._stream.longest_gaps.add(seconds, self._quiet_at_s, self._at_s)
        self._quiet_at_s, self._quiet_sim_s = self._at_s, self._sim_s

    def _learnt(self, fact: Fact) -> None:
        stream = self._stream
        match fact:
            case SessionStarted():
                self._session_started = True
                self._quiet_at_s, self._quiet_sim_s = self._at_s, self._sim_s
            case SessionEnded():
                self._session_ended = True
            case PromptStarted():
                room = _TEXTS_KEPT - len(stream.tools)
                stream.tools.extend(tool.name for tool in fact.tools[:room])
            case SystemGiven():
                stream.system = cut_text(fact.text if stream.system is None else f"{stream.system}\n{fact.text}")
            case HistoryGiven():
                self._add(stream.history, HistoryText(fact.turn.role, cut_text(fact.turn.text)))
            case ToolResultGiven():
                result = ToolResult(self._at_s, self._sim_s, fact.tool_use_id, cut_text(fact.content))
                self._add(stream.tool_results, result)
            case _:
                pass

    @staticmethod
    def _add[T](values: list[T], value: T) -> None:
        if len(values) < _TEXTS_KEPT:
            values.append(value)


def _samples_in(content: str) -> int:
    """How many samples base64 text holds, of two bytes each."""
    return (len(content) * 3 // 4 - content.endswith("=") - content.endswith("==")) // 2


def _named(raw: bytes) -> tuple[str, dict[str, Any]]:
    """An event's name and body; of what is no event its text."""
    try:
        ((name, body),) = parse_json(raw)["event"].items()
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", {"text": raw.decode(errors="replace")}
    return str(name), body if isinstance(body, dict) else {"value": body}
