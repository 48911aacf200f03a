"""The silence between two segments of an agent's speech, from what the line has carried. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from nova_agent.simulate.line import SLOT_MS, AgentAudio, AgentFinishedPlaying, LineEvent
from nova_agent.simulate.pcm import AUDIBLE, loudness


@dataclass(slots=True)
class Segment:
    """What was played in one go. Milliseconds of the line; ``None`` when nothing of it could be heard."""

    first_ms: int | None = None
    last_ms: int | None = None


@dataclass(slots=True)
class Played:
    """Fed by the line; ``segments`` are those that are over, oldest first."""

    segments: list[Segment] = field(default_factory=list)
    _open: Segment = field(default_factory=Segment)

    def on_line(self, event: LineEvent) -> None:
        """Take an event; a slot that can be heard reaches to its end."""
        match event:
            case AgentAudio() if loudness(event.pcm) >= AUDIBLE:
                self._open.first_ms = event.start_ms if self._open.first_ms is None else self._open.first_ms
                self._open.last_ms = event.start_ms + SLOT_MS
            case AgentFinishedPlaying():
                self.segments.append(self._open)
                self._open = Segment()


def handoff_silences_ms(segments: list[Segment], handoffs: int) -> list[int]:
    """Return the silence of each handoff, when question and announcement took turns without fail.

    Raises:
        ValueError: other than that was played.
    """
    if len(segments) < 2 * handoffs + 1 or any(segment.first_ms is None for segment in segments):
        heard = [(segment.first_ms, segment.last_ms) for segment in segments]
        raise ValueError(f"{handoffs} handoffs are {2 * handoffs + 1} segments of speech, and not {heard}")
    silences = []
    for announcement, question in zip(segments[1::2], segments[2::2], strict=False):
        assert question.first_ms is not None and announcement.last_ms is not None  # noqa: S101, PT018 – looked at above
        silences.append(question.first_ms - announcement.last_ms)
    return silences[:handoffs]
