"""Which step of its script a caller takes next, given what it has heard. No audio, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nova_agent.simulate.matching import where_heard
from nova_agent.simulate.script import Step


@dataclass(frozen=True, slots=True)
class Cue:
    """A step whose moment has come. ``number`` counts from 1, as a person reading the script does."""

    number: int
    step: Step


class Plan:
    """The steps in order, with their exceptions: optional, repeated, and anytime steps."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = tuple(steps)
        self._next = 0
        self._taken: Counter[int] = Counter()

    @property
    def done(self) -> bool:
        """Whether every step that has to be taken has been."""
        return self.awaited is None

    @property
    def awaited(self) -> Cue | None:
        """The first step that still has to be taken, or None when none has."""
        for index in range(self._next, len(self._steps)):
            if self._required(index):
                return Cue(index + 1, self._steps[index])
        return None

    def match(self, heard: str) -> Cue | None:
        """Return the step that ``heard`` calls for, or None.

        When several would do, the one whose phrase was heard last wins, as a person answers what was asked
        last; between steps in order the earlier one wins.
        """
        best: tuple[int, int] | None = None
        for index in self._in_order():
            if (end := self._end_of_match(index, heard)) is not None:
                best = (end, index)
                break
        for index in self._anytime():
            end = self._end_of_match(index, heard)
            if end is not None and (best is None or end > best[0]):
                best = (end, index)
        return None if best is None else Cue(best[1] + 1, self._steps[best[1]])

    def barge_in(self) -> Cue | None:
        """Return the step that would interrupt the agent's present turn, or None."""
        for index in self._in_order():
            if self._steps[index].barges_in:
                return Cue(index + 1, self._steps[index])
        return None

    def take(self, cue: Cue) -> None:
        """Mark the step as taken once; steps before it are passed over."""
        index = cue.number - 1
        self._taken[index] += 1
        if not cue.step.anytime:
            exhausted = self._taken[index] >= cue.step.repeat
            self._next = index + 1 if exhausted else index

    def _in_order(self) -> Iterator[int]:
        """The steps that may come now: up to and including the first that has to."""
        for index in range(self._next, len(self._steps)):
            if self._steps[index].anytime:
                continue
            yield index
            if self._required(index):
                return

    def _anytime(self) -> Iterator[int]:
        for index, step in enumerate(self._steps):
            limited = "repeat" in step.model_fields_set
            if step.anytime and not (limited and self._taken[index] >= step.repeat):
                yield index

    def _required(self, index: int) -> bool:
        step = self._steps[index]
        return not (step.anytime or step.optional or self._taken[index])

    def _end_of_match(self, index: int, heard: str) -> int | None:
        step = self._steps[index]
        if step.when:
            return where_heard(step.when, heard)
        return len(heard) if heard.strip() else None
