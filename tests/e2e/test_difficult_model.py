"""A model that misbehaves in every way we know still leaves exactly the rows that the caller's words make.

Local Sonic's difficult brain paraphrases, calls tools twice, too early, out of order, double-encoded and with values
it made up. It drives the real persona over a real database; only wire, ears and mouth are left out here
(``make scenarios`` has them).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from nova_agent.localsonic.brain.difficult import DifficultBrain
from nova_agent.localsonic.brain.misdeeds import RATES
from nova_agent.store import AnswerStatus, Stores, open_stores
from personas.survey.persona import SurveyTaker
from tests.fakes.conversation import Talk

SEEDS = range(20)

SATISFACTION: dict[str, str] = {
    "okay to start": "Yes, go ahead.",
    "how likely are you": "Eight.",
    "main reason": "Because the staff were very friendly.",
    "solve what you came": "What do you mean? | No, you did not.",
    "what was missing": "Nobody called me back.",
    "how did you contact us": "On the website.",
    "like most": "The friendliness and the price.",
    "call you back": "Yes, please.",
    "which phone number": "Four one five, five five five, two six seven one.",
    "which day": "Tomorrow.",
    "is that right": "Yes, that's right.",
}
SATISFACTION_ROWS: dict[str, Any] = {
    "recommend": 8,
    "reason": "because the staff were very friendly",
    "solved": False,
    "missing": "nobody called me back",
    "contact_channel": "website",
    "liked": ["friendliness", "price"],
    "callback": True,
    "callback_phone": "+14155552671",
    "callback_date": "2026-11-23",
}
INTAKE: dict[str, str] = {
    "okay to start": "Yes.",
    "reason for your visit": "What do you mean? | My knee hurts when I walk.",
    "your first visit": "Yes, it is.",
    "date of birth": "The fourteenth of March, nineteen eighty five.",
    "which of these symptoms": "Pain and fever.",
    "since when": "Since last Monday.",
    "how strong is your pain": "Eight out of ten.",
    "where does it hurt": "In my left knee.",
    "do you take any medication": "No, I don't.",
    "any allergies": "I am allergic to penicillin.",
    "phone number": "Four one five, five five five, two six seven one.",
    "e-mail address": "I'd rather not say.",
    "is that right": "Yes.",
}
INTAKE_ROWS: dict[str, Any] = {
    "visit_reason": "my knee hurts when i walk",
    "first_visit": True,
    "birth_date": "1985-03-14",
    "symptoms": ["fever", "pain"],
    "since": "2026-11-16",
    "pain_level": 8,
    "pain_place": "in my left knee",
    "medication": False,
    "allergies": "i am allergic to penicillin",
    "contact_phone": "+14155552671",
    "contact_email": None,
}


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    opened = await open_stores(f"sqlite+aiosqlite:///{tmp_path}/nova.db")
    yield opened
    await opened.close()


def caller(lines: Mapping[str, str]) -> Any:
    """Answer the question that was asked last; "a | b" is said in turn, b for ever after."""
    left = {phrase: said.split(" | ") for phrase, said in lines.items()}

    def answer(heard: str) -> str | None:
        agent = heard.lower()
        asked = [(agent.rfind(phrase), phrase) for phrase in left if phrase in agent]
        if not asked:
            return "Sorry, what was the question?"
        words = left[max(asked)[1]]
        return words.pop(0) if len(words) > 1 else words[0]

    return answer


def comparable(value: Any) -> Any:
    """Free text as it counts here: whatever the capitals and the full stop."""
    return value.lower().rstrip(".") if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("survey", "lines", "rows"),
    [("customer-satisfaction", SATISFACTION, SATISFACTION_ROWS), ("patient-intake", INTAKE, INTAKE_ROWS)],
)
async def test_rows_are_exact_whatever_the_model_does(
    stores: Stores, survey: str, lines: Mapping[str, str], rows: Mapping[str, Any]
) -> None:
    committed: set[str] = set()
    for seed in SEEDS:
        brain = DifficultBrain(seed)
        talk = Talk(SurveyTaker, brain, stores, {"survey": survey})
        userdata = await talk.hold(caller(lines))
        committed |= set(brain.misdeeds)

        (run,) = await stores.surveys.runs_of_call(userdata.call_id)
        answers = await stores.surveys.answers(run.id, include_superseded=True)
        found = {answer.question_id: comparable(answer.value) for answer in answers}
        told = f"seed {seed}, {brain.misdeeds}\n" + "\n".join(talk.said)
        assert (userdata.end_reason, run.status) == ("completed", "completed"), told
        assert found == rows, told
        assert [answer.question_id for answer in answers if answer.superseded_at] == [], told
        assert all(answer.words for answer in answers if answer.status is AnswerStatus.ANSWERED), told
    assert committed == {misdeed.__name__ for misdeed in RATES}


async def test_a_stop_that_the_caller_did_not_ask_for_ends_nothing(stores: Stores) -> None:
    brain = DifficultBrain(0, {misdeed: 1.0 for misdeed in RATES if misdeed.__name__ == "stop_too_early"})
    userdata = await Talk(SurveyTaker, brain, stores, {"survey": "customer-satisfaction"}).hold(caller(SATISFACTION))
    assert "stop_too_early" in brain.misdeeds
    assert userdata.end_reason == "completed"


async def test_nothing_is_written_before_the_caller_has_spoken(stores: Stores) -> None:
    brain = DifficultBrain(0, {misdeed: 1.0 for misdeed in RATES if misdeed.__name__ == "invent_before_caller"})
    talk = Talk(SurveyTaker, brain, stores, {"survey": "customer-satisfaction"})
    userdata = await talk.hold(lambda _: None)
    (run,) = await stores.surveys.runs_of_call(userdata.call_id)
    assert brain.misdeeds == ["invent_before_caller"]
    assert "wait-for-caller" in talk.returned[0]
    assert await stores.surveys.answers(run.id) == []
