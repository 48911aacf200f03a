"""What a step of the survey comes to: the new progress, the rows to write before replying, and the reply."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from nova_agent.reply import ToolReply
from personas.survey.progress import Outcome, SurveyProgress


@dataclass(frozen=True, slots=True)
class AnswerRecorded:
    """Keep this answer; it supersedes an earlier one to the same question. ``position`` counts from 1.

    ``value`` is JSON: bool, int, text (dates as ISO 8601), or a list of choice values.
    """

    question_id: str
    position: int
    value: JsonValue
    words: str
    pii: bool


@dataclass(frozen=True, slots=True)
class QuestionSkipped:
    """The question was asked and stays without an answer."""

    question_id: str
    position: int


@dataclass(frozen=True, slots=True)
class AnswerWithdrawn:
    """A changed answer led down another branch: what was kept for this question no longer belongs to the survey."""

    question_id: str


type Write = AnswerRecorded | QuestionSkipped | AnswerWithdrawn


@dataclass(frozen=True, slots=True)
class Step:
    """Commit ``writes`` in order, keep ``progress``, then hand ``reply`` to the model.

    ``outcome`` is set by the step that ends the survey or pauses it, and by no other.
    """

    progress: SurveyProgress
    reply: ToolReply
    writes: tuple[Write, ...] = ()
    outcome: Outcome | None = None
