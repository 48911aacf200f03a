"""The survey as pure steps: progress and the caller's words in; new progress, rows to write and a reply out.

Every step that can change anything takes ``heard``: all that the caller was really heard to say since the open ask.
With nothing heard nothing happens, whatever the model claims. For a request that was not spoken (a button, a
keypad) pass a description of it as ``heard``.
"""

from __future__ import annotations

from datetime import date

from nova_agent.capture import Captured, repeat_kind, wants
from nova_agent.reply import ToolReply
from personas.survey import answering, asking, revising, route
from personas.survey.confirming import confirm
from personas.survey.directives import directive, not_asked_for, open_status, waiting
from personas.survey.hearing import Speech, declines, refuses, verdict
from personas.survey.kinds import capture_kind
from personas.survey.progress import SurveyProgress
from personas.survey.several import keep_several
from personas.survey.steps import Step
from personas.survey.survey import Survey
from personas.survey.transitions import ask, end, go_on


def open_survey(survey: Survey, progress: SurveyProgress) -> Step:
    """The first directive of a stream: introduction and consent, or a welcome back to the open question."""
    if progress.phase == "finished":
        return _closed(survey, progress)
    progress = route.known(survey, progress)
    if progress.phase == "consent" and not progress.answers:
        if survey.intro.consent is None:
            return go_on(survey, progress, survey.intro.text)
        return ask(survey, progress, asking.join(survey.intro.text, survey.intro.consent.ask))
    if not survey.has(progress.question):
        return go_on(survey, progress, asking.WELCOME_BACK)
    say = asking.join(asking.WELCOME_BACK, asking.open_question(survey, progress))
    return ask(survey, progress, say, open_status(progress))


def matches(progress: SurveyProgress, label: str) -> bool:
    """Whether a tool call's ``ask`` names the open ask; blanks and capitals do not matter."""
    return progress.phase != "finished" and "".join(label.split()).casefold() == progress.label.casefold()


def current_directive(survey: Survey, progress: SurveyProgress) -> ToolReply:
    """The open directive once more, under the same label; nothing changes."""
    return directive(survey, progress, asking.open_question(survey, progress), open_status(progress))


def answer(survey: Survey, progress: SurveyProgress, *, words: str, heard: str, today: date) -> Step:
    """Take the caller's answer to whatever is open: consent, a question, a read-back, or which answer to change."""
    speech = Speech(words, heard, today, survey.region)
    if (idle := _idle(survey, progress, heard)) is not None:
        return idle
    if progress.phase == "consent":
        return answering.answer_consent(survey, progress, speech)
    if progress.phase == "choosing":
        return revising.change(survey, progress, speech)
    question = survey.question(progress.question or "")
    if progress.phase == "confirming" and progress.pending is not None:
        return confirm(survey, progress, question, progress.pending, speech)
    return answering.answer_question(survey, progress, question, speech)


def answer_several(survey: Survey, progress: SurveyProgress, *, answers: str, heard: str, today: date) -> Step:
    """Take several answers at once, given as lines or ``;``-separated ``question_id: words``."""
    if (idle := _idle(survey, progress, heard)) is not None:
        return idle
    if progress.phase != "asking":
        return Step(progress, current_directive(survey, progress))
    return keep_several(survey, progress, answers, Speech("", heard, today, survey.region))


def skip(survey: Survey, progress: SurveyProgress, *, heard: str, today: date) -> Step:
    """Leave the open question out; a required one is explained once first. Not for a caller who answered it."""
    if (idle := _idle(survey, progress, heard)) is not None:
        return idle
    if progress.phase == "consent":
        say = asking.join(asking.CANNOT_SKIP_CONSENT, asking.open_question(survey, progress))
        return ask(survey, progress, say, "invalid")
    if progress.phase == "choosing":
        return go_on(survey, progress, asking.STAYS_AS_IT_WAS)
    if _answered_instead(survey, progress, heard, today):
        return Step(progress, not_asked_for(survey, progress))
    return answering.refuse(survey, progress, survey.question(progress.question or ""))


def go_back(survey: Survey, progress: SurveyProgress, *, heard: str, today: date) -> Step:
    """Open the previous question again; its answer stays until another one is kept."""
    if (idle := _idle(survey, progress, heard)) is not None:
        return idle
    return revising.go_back(survey, progress)


def change(survey: Survey, progress: SurveyProgress, *, request: str, heard: str, today: date) -> Step:
    """Change an earlier answer; ``request`` is the caller's whole sentence, with the new answer or without."""
    if (idle := _idle(survey, progress, heard)) is not None:
        return idle
    if progress.phase == "consent":
        return Step(progress, current_directive(survey, progress))
    return revising.change(survey, progress, Speech(request, heard, today, survey.region))


def repeat(survey: Survey, progress: SurveyProgress, *, words: str) -> Step:
    """Say the open question again, explain it, or read its choices out, as the caller's words ask for."""
    if progress.phase == "finished":
        return _closed(survey, progress)
    again = asking.open_question(survey, progress)
    if progress.phase == "asking":
        return ask(survey, progress, asking.repeated(survey.question(progress.question or ""), repeat_kind(words)))
    intro = survey.intro.text if progress.phase == "consent" and survey.intro.consent else ""
    return ask(survey, progress, asking.join(intro, again), open_status(progress))


def pause(survey: Survey, progress: SurveyProgress, *, heard: str, today: date) -> Step:
    """Stop for now. The same question is open when the survey is opened again."""
    if (idle := _idle(survey, progress, heard)) is not None:
        return idle
    if not wants("pause", heard, answered=_answered_instead(survey, progress, heard, today)):
        return Step(progress, not_asked_for(survey, progress))
    return Step(progress.asked(), ToolReply(status="done", say=asking.PAUSED), outcome="paused")


def finish(survey: Survey, progress: SurveyProgress, *, heard: str, today: date) -> Step:
    """End the survey because the caller wants to; what was answered stays. Before consent this declines it."""
    if (idle := _idle(survey, progress, heard)) is not None:
        return idle
    consent = progress.phase == "consent"
    if not wants("stop", heard, answered=_answered_instead(survey, progress, heard, today)) and not (
        consent and declines(heard)
    ):
        return Step(progress, not_asked_for(survey, progress))
    return end(survey, progress, "declined" if consent else "stopped")


def put_away(survey: Survey, progress: SurveyProgress) -> Step:
    """End the survey for a reason of our own, such as a hand-over; what was answered stays."""
    if progress.phase == "finished":
        return _closed(survey, progress)
    return end(survey, progress, "stopped")


def _answered_instead(survey: Survey, progress: SurveyProgress, heard: str, today: date) -> bool:
    """Whether the caller gave a sure answer to a question of a typed kind, whatever else the model made of it."""
    if progress.phase == "consent":
        consented = verdict(Speech(heard, heard, today, survey.region))
        return consented is not None and bool(consented.value)
    if progress.phase != "asking" or progress.question is None or refuses(heard):
        return False
    question = survey.question(progress.question)
    if question.kind == "open_text":
        return False
    found = capture_kind(question, today).capture(heard, today=today, region=survey.region)
    return isinstance(found, Captured) and not found.doubts


def _idle(survey: Survey, progress: SurveyProgress, heard: str) -> Step | None:
    """The step that changes nothing: after the end, and while the caller has not said a word."""
    if progress.phase == "finished":
        return _closed(survey, progress)
    return None if heard.strip() else Step(progress, waiting(survey, progress))


def _closed(survey: Survey, progress: SurveyProgress) -> Step:
    return Step(progress, directive(survey, progress, asking.open_question(survey, progress)))
