"""The few moves a survey is made of: ask again, keep an answer, leave a question out, go on, end."""

from __future__ import annotations

from nova_agent.reply import Status
from personas.survey import asking, route
from personas.survey.directives import directive
from personas.survey.progress import Answer, Outcome, Pending, SurveyProgress
from personas.survey.steps import AnswerRecorded, AnswerWithdrawn, QuestionSkipped, Step, Write
from personas.survey.survey import Question, Survey

type Kept = tuple[SurveyProgress, tuple[Write, ...]]
"""Progress after something was kept, with the rows to write for it."""


def ask(
    survey: Survey, progress: SurveyProgress, say: str, status: Status = "ok", writes: tuple[Write, ...] = ()
) -> Step:
    """Put a new directive, with a label of its own, for what this progress has open."""
    asked = progress.asked()
    return Step(asked, directive(survey, asked, say, status), writes)


def keep(survey: Survey, progress: SurveyProgress, question: Question, answer: Answer) -> Kept:
    """Keep an answer or a skip, and withdraw what it makes irrelevant."""
    answers = progress.answers | {question.id: answer}
    trail = progress.trail if question.id in progress.trail else (*progress.trail, question.id)
    kept = progress.having(answers=answers, trail=trail, pending=None)
    gone = route.fallen_away(survey, kept)
    if gone:
        answers = {question_id: answer for question_id, answer in answers.items() if question_id not in gone}
        kept = kept.having(answers=answers, trail=tuple(item for item in trail if item not in gone))
    return kept, (_row(survey, question, answer), *(AnswerWithdrawn(question_id) for question_id in gone))


def _row(survey: Survey, question: Question, answer: Answer) -> Write:
    position = survey.position(question.id)
    if answer.skipped:
        return QuestionSkipped(question.id, position)
    return AnswerRecorded(question.id, position, answer.value, answer.words, question.pii)


def go_on(survey: Survey, progress: SurveyProgress, lead: str = "", writes: tuple[Write, ...] = ()) -> Step:
    """Ask the first question that is still open, or end the survey if there is none."""
    question = route.next_question(survey, progress)
    if question is None:
        return end(survey, progress, "completed", lead, writes)
    return ask(survey, opened(progress, question), asking.join(lead, asking.question_text(question)), writes=writes)


def opened(progress: SurveyProgress, question: Question) -> SurveyProgress:
    """The same progress with ``question`` open and nothing tried yet."""
    return progress.having(phase="asking", question=question.id, pending=None, attempts=0, refusals=0)


def propose(
    survey: Survey, progress: SurveyProgress, pending: Pending, lead: str = "", writes: tuple[Write, ...] = ()
) -> Step:
    """Ask the caller to confirm a value for the open question."""
    confirming = progress.having(phase="confirming", pending=pending)
    return ask(survey, confirming, asking.join(lead, asking.confirmation(pending.read_back)), "confirm", writes)


def leave(survey: Survey, progress: SurveyProgress, question: Question, lead: str) -> Step:
    """Go on without an answer to the open question; an earlier answer to it stays."""
    if progress.answered(question.id):
        return go_on(survey, progress, asking.STAYS_AS_IT_WAS)
    kept, writes = keep(survey, progress, question, Answer(skipped=True))
    return go_on(survey, kept, lead, writes)


def end(
    survey: Survey, progress: SurveyProgress, outcome: Outcome, lead: str = "", writes: tuple[Write, ...] = ()
) -> Step:
    """Close the survey for good; nothing is expected any more."""
    over = progress.having(phase="finished", question=None, pending=None, outcome=outcome).asked()
    return Step(over, directive(survey, over, asking.join(lead, asking.farewell(survey, over))), writes, outcome)
