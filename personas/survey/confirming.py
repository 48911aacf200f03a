"""The caller's answer to "is that right?": yes keeps the value, no drops it, another value takes its place."""

from __future__ import annotations

import re
from typing import Any, Final

from nova_agent.capture import Captured, Kind, NotCaptured, YesNo
from personas.survey import asking
from personas.survey.answering import MOST_ATTEMPTS, fail, pending, refuse, wants_confirmation
from personas.survey.hearing import Speech, Understood, refuses, verdict, without_no
from personas.survey.kinds import capture_kind, json_value
from personas.survey.progress import Answer, Pending, SurveyProgress
from personas.survey.steps import Step
from personas.survey.survey import Question, Survey
from personas.survey.transitions import go_on, keep, leave, propose

_DISMISSAL: Final = re.compile(
    r"\b(?:wrong|incorrect|not (?:right|correct|true|it|what i)|isn't (?:right|correct|it))\b", re.IGNORECASE
)


def confirm(survey: Survey, progress: SurveyProgress, question: Question, held: Pending, speech: Speech) -> Step:
    """Take what the caller says to a value that was read back; only the caller's own yes keeps it."""
    kind = capture_kind(question, speech.today)
    answer = verdict(speech)
    if answer is not None and answer.value:
        return _keep(survey, progress, question, held)
    corrected = _correction(question, kind, speech, answer)
    if corrected is not None:
        return _replace(survey, progress, question, held, corrected)
    if answer is not None:
        return _reject(survey, progress, question)
    if refuses(speech.heard):
        return refuse(survey, progress, question)
    return _unclear(survey, progress, question, held)


def _keep(survey: Survey, progress: SurveyProgress, question: Question, held: Pending) -> Step:
    answer = Answer(value=held.value, words=held.words, read_back=held.read_back)
    changed = progress.answered(question.id) is not None
    lead = asking.changed(question, held.read_back) if changed else asking.thanks(progress.ask_number)
    kept, writes = keep(survey, progress, question, answer)
    return go_on(survey, kept, lead, writes)


def _correction(question: Question, kind: Kind, speech: Speech, answer: Captured[Any] | None) -> Understood | None:
    """Another value said after the no, or instead of a yes or no. A yes/no question is corrected by its no alone."""
    if question.kind == "yes_no":
        return None
    said = (speech.heard, speech.words) if answer is not None else (speech.heard,)
    for words in map(without_no, said):
        captured = speech.capture(kind, words)
        if isinstance(captured, NotCaptured) or not speech.carries(words, kind):
            continue
        if question.kind != "open_text" or not _only_dismisses(words, speech):
            return Understood(captured, words)
    return None


def _only_dismisses(words: str, speech: Speech) -> bool:
    """Whether free text is about the value read back ("that's wrong") rather than a value of its own."""
    return _DISMISSAL.search(words) is not None or isinstance(speech.capture(YesNo(), words), Captured)


def _replace(survey: Survey, progress: SurveyProgress, question: Question, held: Pending, new: Understood) -> Step:
    """The new value is kept at once if nothing speaks against it; saying the held one again is a yes to it."""
    if json_value(new.captured.value) == held.value:
        return _keep(survey, progress, question, held)
    if question.kind != "open_text" and not wants_confirmation(question, new.captured):
        return _keep(survey, progress, question, pending(new))
    attempt = progress.attempts + 1
    if attempt > MOST_ATTEMPTS:
        return leave(survey, progress, question, asking.LET_GO)
    return propose(survey, progress.having(attempts=attempt), pending(new))


def _reject(survey: Survey, progress: SurveyProgress, question: Question) -> Step:
    return fail(survey, progress, question, asking.SORRY)


def _unclear(survey: Survey, progress: SurveyProgress, question: Question, held: Pending) -> Step:
    """Neither yes nor no: ask once more for one of the two, then for the answer itself."""
    if progress.attempts > 0:
        return _reject(survey, progress, question)
    return propose(survey, progress.having(attempts=1), held, asking.PLEASE_DECIDE)
