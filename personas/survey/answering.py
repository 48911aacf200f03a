"""What happens to an answer: kept, read back for a yes, asked again with more help, or left out in the end."""

from __future__ import annotations

import re
from typing import Any, Final

from nova_agent.capture import Captured, NotCaptured, YesNo, asks_back, repeat_kind
from nova_agent.capture.phrases import EMPTY_WORDS
from personas.survey import asking, route
from personas.survey.hearing import Speech, Supposed, Understood, keeps, lacks, read, refuses, verdict
from personas.survey.kinds import capture_kind, json_value
from personas.survey.progress import Answer, Pending, SurveyProgress
from personas.survey.steps import AnswerRecorded, Step
from personas.survey.survey import Question, Survey
from personas.survey.transitions import Kept, ask, end, go_on, keep, leave, propose

MOST_ATTEMPTS: Final = 3
"""Failed answers to one question before it is left out; the last retry offers the ways out."""

_ASKED_ABOUT: Final = frozenset({"open_text", "single_choice", "multiple_choice"})
"""Kinds whose answer may stand by chance in a caller's own question: "How much is the price?"."""

FEWEST_REASON_WORDS: Final = 3
"""A remark after an answer counts as the next open answer from this many words that mean something."""

_REASON: Final = re.compile(r"^\W*(?:because|cause|since|due to|as)\b", re.IGNORECASE)


def answer_consent(survey: Survey, progress: SurveyProgress, speech: Speech) -> Step:
    """Only a clear yes in the caller's own words opens the survey; without one it ends as declined."""
    consented = verdict(speech)
    if consented is not None:
        if consented.value:
            return go_on(survey, progress.having(attempts=0), asking.thanks(progress.ask_number))
        return end(survey, progress, "declined")
    attempt = progress.attempts + 1
    if attempt > MOST_ATTEMPTS:
        return end(survey, progress, "declined")
    say = asking.join(asking.PLEASE_DECIDE, asking.open_question(survey, progress))
    return ask(survey, progress.having(attempts=attempt), say, "invalid")


def answer_question(survey: Survey, progress: SurveyProgress, question: Question, speech: Speech) -> Step:
    """Take an answer to the open question."""
    if progress.answered(question.id) and keeps(speech.heard, wholly=True):
        return go_on(survey, progress, asking.STAYS_AS_IT_WAS)
    if question.kind in _ASKED_ABOUT and asks_back(speech.heard):
        return _explain(survey, progress, question, speech)
    if question.kind == "open_text" and refuses(speech.words, wholly=True) and refuses(speech.heard):
        return refuse(survey, progress, question)
    reading = read(capture_kind(question, speech.today), speech)
    if isinstance(reading, Understood):
        return take(survey, progress, question, reading, speech)
    return _without_value(survey, progress, question, speech, reading)


def _without_value(
    survey: Survey, progress: SurveyProgress, question: Question, speech: Speech, reading: Supposed | NotCaptured
) -> Step:
    """The caller's own words hold no value: a wish to leave it, the model's supposition, or not understood."""
    if progress.answered(question.id) and keeps(speech.heard):
        return go_on(survey, progress, asking.STAYS_AS_IT_WAS)
    if refuses(speech.heard) or lacks(speech.heard) or (not question.required and _declines(speech)):
        return refuse(survey, progress, question)
    if asks_back(speech.heard):
        return _explain(survey, progress, question, speech)
    if isinstance(reading, Supposed):
        return propose(survey, progress, pending(reading))
    return fail(survey, progress, question, question.messages.for_reason(reading.reason) or reading.hint)


def _explain(survey: Survey, progress: SurveyProgress, question: Question, speech: Speech) -> Step:
    """The caller asked about the question; whatever the model handed over, that was no answer.

    It counts as an attempt, so that a recogniser which hears a question in everything cannot keep the caller here.
    """
    explained = asking.repeated(question, repeat_kind(speech.heard))
    if progress.attempts >= MOST_ATTEMPTS:
        return fail(survey, progress, question, explained)
    return ask(survey, progress.having(attempts=progress.attempts + 1), explained)


def _declines(speech: Speech) -> bool:
    """A no to a question that does not ask for yes or no, and no value beside it: there is nothing to tell."""
    said = speech.capture(YesNo(), speech.heard)
    return isinstance(said, Captured) and not said.value


def take(survey: Survey, progress: SurveyProgress, question: Question, answer: Understood, speech: Speech) -> Step:
    """Keep an understood answer, or have it confirmed first if the question or a doubt asks for that."""
    if wants_confirmation(question, answer.captured):
        return propose(survey, progress, pending(answer))
    kept, writes = _keep_breath(survey, progress, question, answer, speech)
    answers = sum(isinstance(write, AnswerRecorded) for write in writes)
    return go_on(survey, kept, _lead(progress, question, answer, answers), writes)


def _lead(progress: SurveyProgress, question: Question, answer: Understood, answers: int) -> str:
    if answers > 1:
        return asking.took_several(answers)
    if progress.answered(question.id):
        return asking.changed(question, answer.captured.read_back)
    return asking.thanks(progress.ask_number)


def wants_confirmation(question: Question, captured: Captured[Any]) -> bool:
    return question.confirm == "always" or (question.confirm == "doubtful" and bool(captured.doubts))


def _keep_breath(
    survey: Survey, progress: SurveyProgress, question: Question, said: Understood, speech: Speech
) -> Kept:
    """Keep the answer, and what the rest of the same breath surely answers among the questions that follow.

    What follows a revised answer belongs to it ("nine, because it got better"), not to the question that is open.
    """
    rest = "" if question.id in progress.answers else said.captured.rest
    kept, writes = keep(survey, progress, question, to_answer(said.captured, said.words))
    following = route.next_question(survey, kept)
    found = _surely(following, question, rest, speech) if following and rest else None
    if following is None or found is None:
        return kept, writes
    own_words = said.words.removesuffix(rest).rstrip(" ,.;")
    kept, writes = keep(survey, progress, question, to_answer(said.captured, own_words))
    after, more = _keep_breath(survey, kept, following, Understood(found, rest), speech)
    return after, (*writes, *more)


def _surely(question: Question, previous: Question, rest: str, speech: Speech) -> Captured[Any] | None:
    """The rest of a breath as an answer to a question that was not even asked: only without any doubt.

    A second yes or a second number is more likely about the first question than about the next one.
    """
    if question.kind in ("yes_no", previous.kind) or question.confirm == "always":
        return None
    if question.kind == "open_text" and not _tells_something(rest):
        return None
    kind = capture_kind(question, speech.today)
    captured = speech.capture(kind, rest)
    if isinstance(captured, NotCaptured) or captured.doubts or not speech.includes(rest, kind):
        return None
    return captured


def _tells_something(rest: str) -> bool:
    """A reason, or a remark of substance; "you did not" and "that would be great" only underline the answer."""
    words = rest.lower().split()
    counted = words if _REASON.match(rest) else [word for word in words if word.strip(".,!?") not in EMPTY_WORDS]
    return len(counted) >= FEWEST_REASON_WORDS


def fail(survey: Survey, progress: SurveyProgress, question: Question, hint: str) -> Step:
    """Ask again, each time with more help; leave the question out rather than ask for ever."""
    attempt = progress.attempts + 1
    if attempt > MOST_ATTEMPTS:
        return leave(survey, progress, question, asking.LET_GO)
    failed = progress.having(phase="asking", pending=None, attempts=attempt)
    return ask(survey, failed, asking.retry(question, attempt, hint), "invalid")


def refuse(survey: Survey, progress: SurveyProgress, question: Question) -> Step:
    """The caller would rather not answer: a required question is explained once, then left out as well."""
    insisted = progress.refusals > 0 or progress.attempts >= MOST_ATTEMPTS
    if not question.required or insisted or progress.answered(question.id):
        return leave(survey, progress, question, asking.SKIPPED)
    refused = progress.having(phase="asking", pending=None, refusals=progress.refusals + 1)
    return ask(survey, refused, asking.join(asking.WHY_NEEDED, question.ask))


def to_answer(captured: Captured[Any], words: str) -> Answer:
    """The value as it is kept."""
    return Answer(value=json_value(captured.value), words=words, read_back=captured.read_back)


def pending(said: Understood | Supposed) -> Pending:
    """The value as it waits for the caller's yes."""
    return Pending(value=json_value(said.captured.value), words=said.words, read_back=said.captured.read_back)
