"""Which questions this caller is asked: skip logic applied to the answers given so far."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from personas.survey.progress import SurveyProgress
from personas.survey.survey import Question, Survey


def relevant(survey: Survey, progress: SurveyProgress) -> Iterator[Question]:
    """The questions on this caller's path, in the survey's order.

    A condition sees only answers that are themselves on the path, so one answer that falls away takes with it
    whatever hung on it.
    """
    given = progress.values
    on_path: dict[str, JsonValue] = {}
    for question in survey.questions:
        condition = question.condition
        if condition is not None and not condition.holds(on_path):
            continue
        if question.id in given:
            on_path[question.id] = given[question.id]
        yield question


def next_question(survey: Survey, progress: SurveyProgress) -> Question | None:
    """The first question on the path that is neither answered nor skipped; ``None`` when the survey is complete."""
    return next((question for question in relevant(survey, progress) if question.id not in progress.answers), None)


def fallen_away(survey: Survey, progress: SurveyProgress) -> list[str]:
    """Ids that were dealt with and are no longer on the path, in the survey's order."""
    on_path = {question.id for question in relevant(survey, progress)}
    known = [question.id for question in survey.questions if question.id in progress.answers]
    return [question_id for question_id in known if question_id not in on_path]


def known(survey: Survey, progress: SurveyProgress) -> SurveyProgress:
    """Forget questions that the survey no longer has: a paused run may resume with a newer version of the file."""
    answers = {question_id: answer for question_id, answer in progress.answers.items() if survey.has(question_id)}
    trail = tuple(question_id for question_id in progress.trail if survey.has(question_id))
    return progress.having(answers=answers, trail=trail)


def remaining(survey: Survey, progress: SurveyProgress) -> int:
    """How many questions follow the open one, as far as the answers so far can tell."""
    open_ids = [question.id for question in relevant(survey, progress) if question.id not in progress.answers]
    return len([question_id for question_id in open_ids if question_id != progress.question])


def before(progress: SurveyProgress) -> str | None:
    """The id of the question that the caller dealt with before the open one; ``None`` at the beginning."""
    trail = progress.trail
    end = trail.index(progress.question) if progress.question in trail else len(trail)
    return trail[end - 1] if end else None
