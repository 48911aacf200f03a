"""What the survey says: short spoken sentences, one question at a time."""

from __future__ import annotations

from typing import Final

from nova_agent.capture.numbers import spell_number
from personas.survey.progress import Answer, SurveyProgress
from personas.survey.survey import CHOICE_KINDS, Question, Survey

_THANKS: Final = ("Thank you.", "Got it.", "Okay.", "Thanks.", "Noted.")

WELCOME_BACK: Final = "Welcome back. Let's go on where we stopped."
PLEASE_DECIDE: Final = "Please say yes or no."
WHICH_ANSWER: Final = "Which answer would you like to change? You can name the question, or say its number."
STAYS_AS_IT_WAS: Final = "All right, that stays as it was."
NOTHING_BEFORE: Final = "There is no question before this one."
PAUSED: Final = "All right, let's pause here. Your answers so far are kept, and we can go on another time. Goodbye."
STOPPED: Final = "All right, I'll stop here. Your answers so far are kept. Thank you for your time. Goodbye."
SORRY: Final = "Sorry about that."
LET_GO: Final = "Let's leave that question for now."
SKIPPED: Final = "All right, we'll skip that one."
WHY_NEEDED: Final = "I understand. This one matters, so any answer helps. If you'd rather not, just say skip."
CAN_SKIP: Final = "You can also skip this question."
WAYS_OUT: Final = "If you like, say skip to leave this question out, or ask for a person."
CANNOT_SKIP_CONSENT: Final = "I need a yes or a no before we can start."

_HELP: Final = {
    "yes_no": "A simple yes or no is enough.",
    "date": "Please say a date, for example March the third. Yesterday or last Monday is fine too.",
    "phone": "Please say the number digit by digit.",
    "email": "Please say the address slowly. You can spell it letter by letter.",
    "open_text": "Just say it in your own words.",
}


def join(*sentences: str) -> str:
    """Put together what is there, with one blank between."""
    return " ".join(sentence.strip() for sentence in sentences if sentence.strip())


def thanks(ask_number: int) -> str:
    """A brief acknowledgement; it varies with the ask and is the same for the same ask."""
    return _THANKS[ask_number % len(_THANKS)]


def open_question(survey: Survey, progress: SurveyProgress) -> str:
    """Say what is being asked right now, and nothing else."""
    match progress.phase:
        case "consent":
            return survey.intro.consent.ask if survey.intro.consent else survey.intro.text
        case "choosing":
            return WHICH_ANSWER
        case "confirming" if progress.pending is not None:
            return confirmation(progress.pending.read_back)
        case "finished":
            return farewell(survey, progress)
    return question_text(survey.question(progress.question or ""))


def farewell(survey: Survey, progress: SurveyProgress) -> str:
    """The last words of a survey that is over."""
    if progress.outcome == "declined" and survey.intro.consent:
        return survey.intro.consent.declined
    return survey.outro.text if progress.outcome == "completed" else STOPPED


def question_text(question: Question) -> str:
    return join(question.ask, choices_text(question) if question.read_choices else "")


def confirmation(read_back: str) -> str:
    return f"I understood: {read_back.rstrip(' .!?')}. Is that right?"


def choices_text(question: Question) -> str:
    """Read the choices out, or the ends of a scale; empty for a kind that has neither."""
    if question.kind in CHOICE_KINDS:
        several = " You can name more than one." if question.kind == "multiple_choice" else ""
        return f"You can say: {_spoken_list([choice.label for choice in question.choices])}.{several}"
    return scale_text(question) if question.kind == "scale" else ""


def scale_text(question: Question) -> str:
    """``A number from zero to ten. Zero means never, ten means always.``"""
    low, high = question.minimum or 0, question.maximum or 0
    meanings = [f"{spell_number(number)} means {label}" for number, label in sorted(question.labels.items())]
    meaning = f" {', '.join(meanings).capitalize()}." if meanings else ""
    return f"A number from {spell_number(low)} to {spell_number(high)}.{meaning}"


def help_text(question: Question) -> str:
    """Explain the question: the survey's own words, or else what kind of answer is wanted."""
    return question.help or choices_text(question) or _HELP.get(question.kind, "") or _integer_help(question)


def _integer_help(question: Question) -> str:
    match question.minimum, question.maximum:
        case int(low), int(high):
            return f"A whole number from {spell_number(low)} to {spell_number(high)}."
        case int(low), None:
            return f"A whole number, {spell_number(low)} or more."
        case None, int(high):
            return f"A whole number, {spell_number(high)} at most."
    return "A whole number."


def repeated(question: Question, wanted: str) -> str:
    """The question once more: ``explain`` it, read its ``choices`` out, or say it ``again``."""
    if wanted == "explain":
        return join(help_text(question), question.ask)
    if wanted == "choices":
        return join(question.ask, choices_text(question) or help_text(question))
    return question_text(question)


def earlier(answer: Answer | None) -> str:
    """Remind the caller of what was answered before; empty if nothing was."""
    said = (answer.read_back or answer.words) if answer else ""
    return f"Earlier you said: {said.rstrip(' .!?')}." if said else ""


def changed(question: Question, read_back: str) -> str:
    return f"I changed your answer about {topic(question)}. It is now: {read_back.rstrip(' .!?')}."


def topic(question: Question) -> str:
    """A few words that name the question in the middle of a sentence."""
    return question.topic or question.id.replace("_", " ")


def took_several(count: int) -> str:
    """Acknowledge answers that came in one breath."""
    if count == 1:
        return "Thank you."
    return "Thank you, I noted both answers." if count == 2 else f"Thank you, I noted {spell_number(count)} answers."


def retry(question: Question, attempt: int, hint: str) -> str:
    """What to say after the ``attempt``-th answer that could not be taken; each time a little more help."""
    if attempt == 1:
        return join(hint, question.ask)
    if attempt == 2:
        return join("Sorry, I still didn't get that.", help_text(question), _way_out(question), question.ask)
    return join("Sorry, I'm having trouble with this one.", WAYS_OUT, question.ask)


def _way_out(question: Question) -> str:
    return "" if question.required else CAN_SKIP


def _spoken_list(labels: list[str]) -> str:
    *first, last = labels
    return f"{', '.join(first)}, or {last}" if first else last
