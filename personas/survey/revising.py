"""Going back and changing an earlier answer; afterwards the survey goes on where it was open."""

from __future__ import annotations

from nova_agent.capture import NotCaptured
from personas.survey import asking, route
from personas.survey.answering import take
from personas.survey.hearing import Speech, Understood
from personas.survey.kinds import capture_kind
from personas.survey.progress import SurveyProgress
from personas.survey.references import Reference, find_reference, implied_reference
from personas.survey.steps import Step
from personas.survey.survey import Question, Survey
from personas.survey.transitions import ask, go_on, opened


def go_back(survey: Survey, progress: SurveyProgress) -> Step:
    """Open the question before the open one; from a read-back, the same question again."""
    if progress.phase == "confirming" and progress.question:
        return reopen(survey, progress, survey.question(progress.question))
    previous = route.before(progress)
    if previous is None:
        say = asking.join(asking.NOTHING_BEFORE, asking.open_question(survey, progress))
        return ask(survey, progress, say)
    return reopen(survey, progress, survey.question(previous))


def reopen(survey: Survey, progress: SurveyProgress, question: Question) -> Step:
    """Ask a question anew, reminding the caller of the earlier answer, which stays until another one is kept."""
    reminder = asking.earlier(progress.answered(question.id))
    return ask(survey, opened(progress, question), asking.join(reminder, asking.question_text(question)))


def change(survey: Survey, progress: SurveyProgress, speech: Speech) -> Step:
    """Serve a request such as "change my answer about the price to nine"; ``speech.words`` is that sentence."""
    found = find_reference(survey, progress, speech.words) or implied_reference(survey, progress, speech.words)
    if found is None:
        return _which(survey, progress)
    answer = _new_answer(found, speech)
    if answer is None:
        return reopen(survey, progress, found.question)
    return take(survey, opened(progress, found.question), found.question, answer, speech)


def _new_answer(found: Reference, speech: Speech) -> Understood | None:
    """The new answer if the request holds one in the caller's own words. Free text needs a clear "to ..."."""
    if not found.new_words or (found.question.kind == "open_text" and not found.explicit):
        return None
    kind = capture_kind(found.question, speech.today)
    captured = speech.capture(kind, found.new_words)
    if not isinstance(captured, NotCaptured) and speech.includes(found.new_words, kind):
        return Understood(captured, found.new_words)
    return None


def _which(survey: Survey, progress: SurveyProgress) -> Step:
    """Ask which answer is meant; asked once, then the open question comes back."""
    if progress.phase == "choosing":
        return go_on(survey, progress, asking.STAYS_AS_IT_WAS)
    return ask(survey, progress.having(phase="choosing", pending=None), asking.WHICH_ANSWER)
