"""Decides when a recording's answers are due, and whether a client does what was recorded. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, Final, Literal

from nova_agent.localsonic.recording.entries import AnyEntry, EventEntry
from nova_agent.localsonic.recording.meter import InputMeter
from nova_agent.localsonic.recording.plan import AUDIO_ENDS, END_OF_INPUT, UNREADABLE, ReplayPlan

Pace = Literal["real", "fast"]
PACES: Final[tuple[Pace, ...]] = ("real", "fast")


class Deviated(Exception):
    """The client did something else than was recorded; the message names the line and both."""


class ReplayPolicy:
    """One client's way through a recording.

    Times are milliseconds on any clock that only goes forward. At the pace "real" an answer also keeps its recorded
    distance from the answer before it.
    """

    def __init__(self, plan: ReplayPlan, *, session_id: str, pace: Pace = "real") -> None:
        self._plan = plan
        self._pace = pace
        self._session_id = session_id
        self._prompt_names: dict[object, object] = {}
        self._meter = InputMeter()
        self._inputs = 0
        self._next_cue = 0
        self._released_at_ms = -inf
        self._released_all = False

    @property
    def is_over(self) -> bool:
        """Whether everything recorded has been released."""
        return self._next_cue == len(self._plan.cues)

    @property
    def progress(self) -> tuple[int, int]:
        """How many events other than audio the client has sent, and how many answers were released."""
        return self._inputs, self._next_cue

    def receive(self, name: str, body: Mapping[str, Any]) -> None:
        """The client sent an event.

        Raises:
            Deviated: it is of another kind than the one recorded at this place. It counts as that one all the same.
        """
        kind = self._meter.take(name, body)
        if kind is None:
            return
        if name == "promptStart" and self._inputs < len(self._plan.inputs):
            self._prompt_names[self._plan.inputs[self._inputs].prompt_name] = body.get("promptName")
        self._take(kind)

    def receive_unreadable(self) -> None:
        """The client sent what is no event.

        Raises:
            Deviated: as :meth:`receive`.
        """
        self._take(UNREADABLE)

    def receive_end(self) -> None:
        """The client sends no more: what is left is due, since nothing can be waited for.

        Raises:
            Deviated: as :meth:`receive`.
        """
        was_expected_later = self._inputs < len(self._plan.inputs)
        self._released_all = True
        if was_expected_later:
            self._take(END_OF_INPUT)

    def due(self, now_ms: float) -> list[AnyEntry]:
        """Release what is due by now, in the client's terms: with its prompt's name, and this session's id."""
        released = list[AnyEntry]()
        while (at_ms := self.due_at_ms()) is not None and at_ms <= now_ms:
            released.append(self._in_clients_terms(self._plan.cues[self._next_cue].entry))
            self._next_cue += 1
            self._released_at_ms = now_ms
        return released

    def due_at_ms(self) -> float | None:
        """When the next answer is due; ``None`` while it waits for the client, and when there is no further one."""
        if self.is_over or self.awaited() is not None:
            return None
        if self._pace == "fast" or self._next_cue == 0:
            return self._released_at_ms
        before, cue = self._plan.cues[self._next_cue - 1 : self._next_cue + 1]
        return self._released_at_ms + cue.t_ms - before.t_ms

    def awaited(self) -> str | None:
        """What the client has to send before the next answer, for a log; ``None`` when it has sent enough."""
        if self.is_over or self._released_all:
            return None
        cue = self._plan.cues[self._next_cue]
        if self._inputs < cue.inputs:
            expected = self._plan.inputs[self._inputs]
            return f"line {expected.line}: {expected.kind}"
        if self._meter.audio_ms < cue.audio_ms:
            return f"line {cue.line}: {cue.audio_ms - self._meter.audio_ms:.0f} ms more of audio"
        return None

    def _take(self, kind: str) -> None:
        if self._inputs == len(self._plan.inputs):
            raise Deviated(f"the client sent {kind}, and nothing more was recorded.")
        expected = self._plan.inputs[self._inputs]
        self._inputs += 1
        if expected.kind.startswith(AUDIO_ENDS):
            # A caller who said less than the recorded one has still said everything.
            self._meter.level_up(expected.audio_ms)
        if kind != expected.kind:
            raise Deviated(f"line {expected.line} expects {expected.kind}, but the client sent {kind}.")

    def _in_clients_terms(self, entry: AnyEntry) -> AnyEntry:
        if not isinstance(entry, EventEntry):
            return entry
        body = entry.body
        if "promptName" in body:
            body["promptName"] = self._prompt_names.get(body["promptName"], body["promptName"])
        if "sessionId" in body:
            body["sessionId"] = self._session_id
        return entry.model_copy(update={"event": {entry.name: body}})
