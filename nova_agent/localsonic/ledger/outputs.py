"""Counts what the endpoint sends on one stream."""

from __future__ import annotations

from typing import Any, Final

from nova_agent.localsonic.ledger.values import Answer, Outputs
from nova_agent.localsonic.outputs import Event

_ANSWERS_KEPT: Final = 2_000


class OutputCounter:
    """Fills :class:`Outputs` in. Audio belongs to one answer until its contentEnd says END_TURN."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._answer: Answer | None = None

    def count(self, event: Event, at_s: float, sim_s: float) -> None:
        """Take one output event, ``{"event": {"<name>": {…}}}``."""
        ((name, body),) = event["event"].items()
        counts = self._outputs.counts
        counts[name] = counts.get(name, 0) + 1
        if name == "audioOutput":
            self._audio(body, at_s, sim_s)
        elif name == "contentEnd":
            self._content_ended(body)

    def _audio(self, body: dict[str, Any], at_s: float, sim_s: float) -> None:
        if self._answer is None:
            self._answer = Answer(at_s, sim_s)
            if len(self._outputs.answers) < _ANSWERS_KEPT:
                self._outputs.answers.append(self._answer)
        self._answer.samples += len(body["content"]) * 3 // 8

    def _content_ended(self, body: dict[str, Any]) -> None:
        if body["stopReason"] == "INTERRUPTED" and self._outputs.answers:
            self._outputs.answers[-1].interrupted = True
            self._answer = None
        elif (body["type"], body["stopReason"]) == ("AUDIO", "END_TURN"):
            self._answer = None
