"""Several answers in one tool call: each has to stand in the caller's own words, like one that was given alone."""

from __future__ import annotations

import re
from typing import Final

from nova_agent.capture import NotCaptured
from personas.survey import asking, route
from personas.survey.answering import answer_question, pending, to_answer, wants_confirmation
from personas.survey.hearing import Speech, Understood
from personas.survey.kinds import capture_kind
from personas.survey.progress import SurveyProgress
from personas.survey.steps import AnswerRecorded, Step, Write
from personas.survey.survey import Question, Survey
from personas.survey.transitions import ask, go_on, keep, opened, propose

_LINE: Final = re.compile(r"^\s*[-*]?\s*([a-z][a-z0-9_]*)\s*[:=]\s*(.+?)\s*$", re.IGNORECASE)


def keep_several(survey: Survey, progress: SurveyProgress, answers: str, speech: Speech) -> Step:
    """Keep what is asked for on this caller's path and sure, in the survey's order; go on with what is open.

    What needs a yes is read back if it belongs to the next open question, and asked in its turn otherwise.
    """
    said = _by_question(answers)
    kept, writes = progress, tuple[Write, ...]()
    for question in survey.questions:
        found = _found(survey, kept, question, said, speech)
        if found is not None and not wants_confirmation(question, found.captured):
            kept, more = keep(survey, kept, question, to_answer(found.captured, found.words))
            writes = (*writes, *more)
    following = route.next_question(survey, kept)
    if not writes:
        return _as_one(survey, progress, said, speech)
    lead = asking.took_several(sum(isinstance(write, AnswerRecorded) for write in writes))
    held = _found(survey, kept, following, said, speech) if following else None
    if following is not None and held is not None:
        return propose(survey, opened(kept, following), pending(held), lead, writes)
    return go_on(survey, kept, lead, writes)


def _by_question(answers: str) -> dict[str, str]:
    matches = (_LINE.match(line) for line in re.split(r"[;\n]", answers))
    return {match.group(1).lower(): match.group(2) for match in matches if match}


def _found(
    survey: Survey, progress: SurveyProgress, question: Question, said: dict[str, str], speech: Speech
) -> Understood | None:
    """The caller's own answer to a question that may be answered now: it is open, or on the path and untouched."""
    words = said.get(question.id)
    untouched = question.id == progress.question or question.id not in progress.answers
    if words is None or not untouched or question not in route.relevant(survey, progress):
        return None
    kind = capture_kind(question, speech.today)
    captured = speech.capture(kind, words)
    if isinstance(captured, NotCaptured) or not speech.includes(words, kind):
        return None
    return Understood(captured, words)


def _as_one(survey: Survey, progress: SurveyProgress, said: dict[str, str], speech: Speech) -> Step:
    """Nothing was sure: treat what was meant for the open question as a single answer, and forget the rest."""
    words = said.get(progress.question or "")
    if words is None:
        return ask(survey, progress, asking.open_question(survey, progress), "invalid")
    return answer_question(survey, progress, survey.question(progress.question or ""), speech.handing(words))
