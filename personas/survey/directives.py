"""Builds the reply that goes with a progress: what is expected, what else the caller may want, and small facts."""

from __future__ import annotations

from typing import Final

from pydantic import JsonValue

from nova_agent.capture import YesNo
from nova_agent.reply import Also, Expect, Intent, Status, ToolReply
from personas.survey import asking, route
from personas.survey.kinds import capture_kind
from personas.survey.progress import SurveyProgress
from personas.survey.survey import Question, Survey

TOOLS: Final[dict[Intent, tuple[str, str | None]]] = {
    "skip": ("skip_question", None),
    "back": ("go_back", None),
    "change": ("change_answer", "request"),
    "pause": ("pause_survey", None),
    "repeat": ("repeat", "words"),
    "stop": ("finish_survey", None),
    "person": ("hand_over", "reason"),
}
"""For each intent the tool that serves it, and the argument that takes the caller's words."""

_AT_CONSENT: Final[tuple[Intent, ...]] = ("repeat", "stop", "person")
_WORDS: Final[dict[str, JsonValue]] = {"type": "string", "minLength": 1}


def directive(survey: Survey, progress: SurveyProgress, say: str, status: Status = "ok") -> ToolReply:
    """The reply for this progress. A finished survey expects nothing and its status is ``done``."""
    if progress.phase == "finished":
        return ToolReply(status="done", say=say)
    return ToolReply(status=status, say=say, expect=_expect(survey, progress), data=_data(survey, progress))


def _expect(survey: Survey, progress: SurveyProgress) -> Expect:
    label = {"ask": progress.label}
    also = tuple(_also(intent, label) for intent in _intents(progress))
    if progress.phase == "choosing":
        return Expect(tool="change_answer", arguments=label, argument="request", json_schema=_WORDS, also=also)
    schema = _schema(survey, progress)
    return Expect(tool="record_answer", arguments=label, argument="answer", json_schema=schema, also=also)


def _schema(survey: Survey, progress: SurveyProgress) -> dict[str, JsonValue]:
    if progress.phase in ("consent", "confirming") or progress.question is None:
        return YesNo().json_schema()
    return capture_kind(survey.question(progress.question)).json_schema()


def _also(intent: Intent, label: dict[str, str]) -> Also:
    tool, argument = TOOLS[intent]
    return Also(intent=intent, tool=tool, arguments=label, argument=argument)


def _intents(progress: SurveyProgress) -> tuple[Intent, ...]:
    """What makes sense now: nothing to go back to at the first question, nothing to change before an answer."""
    if progress.phase == "consent":
        return _AT_CONSENT
    back: tuple[Intent, ...] = ("back",) if route.before(progress) else ()
    change: tuple[Intent, ...] = ("change",) if progress.answers and progress.phase != "choosing" else ()
    return ("skip", *back, *change, "pause", *_AT_CONSENT)


def _data(survey: Survey, progress: SurveyProgress) -> dict[str, JsonValue]:
    if progress.question is None:
        return {"question": "consent", "kind": "yes_no"}
    question = survey.question(progress.question)
    facts: dict[str, JsonValue] = {
        "question": question.id,
        "kind": question.kind,
        "number": _number(progress),
        "remaining": route.remaining(survey, progress),
    }
    return facts | _shown(question, progress)


def _number(progress: SurveyProgress) -> int:
    """How many questions the caller has met, this one included; a revisited one keeps its number."""
    trail = progress.trail
    return (trail.index(progress.question) if progress.question in trail else len(trail)) + 1


def _shown(question: Question, progress: SurveyProgress) -> dict[str, JsonValue]:
    shown: dict[str, JsonValue] = {}
    if question.labels:
        shown["labels"] = {str(number): label for number, label in question.labels.items()}
    if question.pii:
        shown["pii"] = True
    if progress.pending is not None and not question.pii:
        shown["understood"] = progress.pending.value
    return shown


def open_status(progress: SurveyProgress) -> Status:
    """The status of a directive that merely says again what is open."""
    return "confirm" if progress.phase == "confirming" else "ok"


def not_asked_for(survey: Survey, progress: SurveyProgress) -> ToolReply:
    """The open directive again, for a tool that would end something the caller did not ask to end."""
    reply = directive(survey, progress, asking.open_question(survey, progress), "invalid")
    return reply.model_copy(update={"data": reply.data | {"reason": "caller-did-not-ask-for-it"}})


def waiting(survey: Survey, progress: SurveyProgress) -> ToolReply:
    """The open directive again, for a tool call that came before the caller had said anything."""
    reply = directive(survey, progress, asking.open_question(survey, progress), "invalid")
    return reply.model_copy(update={"data": reply.data | {"reason": "wait-for-caller"}})
