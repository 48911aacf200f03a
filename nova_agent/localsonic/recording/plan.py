"""What a recording asks of a client before each thing it answers."""

from __future__ import annotations

from dataclasses import dataclass

from nova_agent.localsonic.recording.entries import (
    AnyEntry,
    EndEntry,
    EventEntry,
    HttpRefusal,
    OpenedEntry,
    RawEntry,
    RefusedEntry,
)
from nova_agent.localsonic.recording.meter import InputMeter
from nova_agent.localsonic.recording.reader import Recording

END_OF_INPUT = "the end of its stream"
UNREADABLE = "an unreadable event"
AUDIO_ENDS = "contentEnd AUDIO"


@dataclass(frozen=True, slots=True)
class ExpectedInput:
    """An input event other than audio. ``audio_ms``: how much audio had been sent by then."""

    line: int
    kind: str
    audio_ms: float
    prompt_name: str | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """What is sent once ``inputs`` events other than audio, and ``audio_ms`` of audio, have arrived."""

    line: int
    t_ms: int
    inputs: int
    audio_ms: float
    entry: AnyEntry


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """A recording, arranged to be played. ``refusal``: no stream was opened, and none will be."""

    inputs: tuple[ExpectedInput, ...]
    cues: tuple[Cue, ...]
    refusal: HttpRefusal | None = None


def plan_replay(recording: Recording) -> ReplayPlan:
    """Arrange a recording.

    When it was opened is left out: clients wait for that before they send audio, so it must not wait for them.
    """
    meter, inputs, cues = InputMeter(), list[ExpectedInput](), list[Cue]()
    for line, entry in recording.entries:
        if isinstance(entry, RefusedEntry):
            return ReplayPlan((), (), entry.refused)
        if entry.direction == "in":
            expected = _expected(line, entry, meter)
            inputs += [expected] if expected is not None else []
        elif not isinstance(entry, OpenedEntry):
            cues.append(Cue(line, entry.t_ms, len(inputs), meter.audio_ms, entry))
    return ReplayPlan(tuple(inputs), tuple(cues))


def _expected(line: int, entry: AnyEntry, meter: InputMeter) -> ExpectedInput | None:
    match entry:
        case EventEntry():
            kind = meter.take(entry.name, entry.body)
            prompt_name = entry.body.get("promptName") if entry.name == "promptStart" else None
            return None if kind is None else ExpectedInput(line, kind, meter.audio_ms, prompt_name)
        case RawEntry():
            return ExpectedInput(line, UNREADABLE, meter.audio_ms)
        case EndEntry():
            return ExpectedInput(line, END_OF_INPUT, meter.audio_ms)
        case _:
            return None  # a client that broke off: nothing is asked of the next one
