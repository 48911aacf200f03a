"""What a recorder notes of one stream: payloads and frames in, lines and counts out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import structlog

from nova_agent.errors import RecordError
from nova_agent.localsonic.frames import Frame
from nova_agent.localsonic.recording.codec import entry_of, read_event
from nova_agent.localsonic.recording.entries import (
    AnyEntry,
    Direction,
    EndEntry,
    EventEntry,
    HttpRefusal,
    OpenedEntry,
    RawEntry,
    RefusedEntry,
    ResetEntry,
)
from nova_agent.localsonic.recording.meter import InputMeter, sample_count

_log = structlog.get_logger(__name__)


class Lines(Protocol):
    """Where a recording's lines go."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    @property
    def elapsed_ms(self) -> int:
        """Since the request."""
        ...

    def write(self, entry: AnyEntry) -> None:
        """Append one line.

        Raises:
            RecordError: that is not possible any more.
        """
        ...

    def close(self) -> None:
        """Write no more."""
        ...


class Tape:
    """Notes everything once. A recording that cannot be written any more is given up, and the stream goes on.

    ``inputs`` counts the client's events without audio, ``outputs`` the service's frames.
    """

    def __init__(self, lines: Lines, *, caller_audio: bool = True) -> None:
        self._lines = lines
        self._log = _log.bind(path=str(lines.path))
        self._caller_audio = caller_audio
        self._meter = InputMeter()
        self._is_closed = False
        self.inputs = self.outputs = 0

    @property
    def audio_ms(self) -> float:
        """How much the caller's audio lasts so far."""
        return self._meter.audio_ms

    def event_in(self, payload: bytes) -> None:
        """The client sent an event: its JSON, ``{"event": {…}}``."""
        event, t_ms = read_event(payload), self._lines.elapsed_ms
        if event is None:
            self.inputs += 1
            self._write(RawEntry.of(t_ms, "in", payload))
            return
        ((name, body),) = event.items()
        is_audio = self._meter.take(name, body) is None
        self.inputs += not is_audio
        if is_audio and not self._caller_audio:
            event = {name: _without_sound(body)}
        self._write(EventEntry(t_ms=t_ms, direction="in", event=event))

    def frame_out(self, frame: Frame) -> None:
        """The service sent a frame."""
        self.outputs += 1
        self._write(entry_of(frame, self._lines.elapsed_ms))

    def bytes_out(self, data: bytes) -> None:
        """The service sent what is no frame."""
        self._write(RawEntry.of(self._lines.elapsed_ms, "out", data))

    def opened(self, headers: Mapping[str, str]) -> None:
        """The service took the request."""
        self._write(OpenedEntry(t_ms=self._lines.elapsed_ms, direction="out", opened=dict(headers)))

    def refused(self, refusal: HttpRefusal) -> None:
        """The client got an HTTP error."""
        self._write(RefusedEntry(t_ms=self._lines.elapsed_ms, direction="out", refused=refusal))

    def ended(self, direction: Direction) -> None:
        """One side has sent everything."""
        self._write(EndEntry(t_ms=self._lines.elapsed_ms, direction=direction))

    def broken_off(self, direction: Direction, reason: str) -> None:
        """One side is gone."""
        self._write(ResetEntry(t_ms=self._lines.elapsed_ms, direction=direction, reset=reason))

    def close(self) -> None:
        """Finish the recording; calling it again does nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._lines.close()
            self._log.info(
                "localsonic.recording_finished",
                inputs=self.inputs,
                audio_ms=round(self.audio_ms),
                outputs=self.outputs,
                duration_ms=self._lines.elapsed_ms,
            )

    def _write(self, entry: AnyEntry) -> None:
        if self._is_closed:
            return
        try:
            self._lines.write(entry)
        except RecordError as error:
            self._log.error("localsonic.recording_failed", error=str(error))
            self.close()


def _without_sound(audio_input: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in audio_input.items() if key != "content"}
    return {**kept, "samples": sample_count(audio_input)}
