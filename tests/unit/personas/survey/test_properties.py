"""What must hold however a conversation goes."""

from __future__ import annotations

from datetime import date
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from personas.survey import flow
from personas.survey.loading import list_surveys, load_survey
from personas.survey.progress import SurveyProgress
from personas.survey.steps import AnswerRecorded, AnswerWithdrawn, QuestionSkipped, Step
from personas.survey.survey import Survey

TODAY: Final = date(2026, 11, 22)
MOST_TURNS: Final = 120

SENTENCES: Final = st.sampled_from(
    [
        *("yes", "no", "no wait, yes", "nine", "ten, no, nine", "eleven", "zero", "by phone", "online or in person"),
        *("friendly staff and the price", "tomorrow", "last march", "July fourth 1980", "since yesterday", "none"),
        *("213 555 0142", "five five five", "jane at example dot com", "because it was slow", "I'd rather not say"),
        *("keep it", "blue", "uh", "...", "", "what?", "the first one to eight", "change the reason to cold food"),
        *("change question two", "my last answer", "nine because you are so friendly", "yes, a headache and fever"),
    ]
)
ACTIONS: Final = st.sampled_from(
    ["answer"] * 8 + ["several", "skip", "back", "change", "change", "repeat", "pause", "reopen"]
)
AS_HEARD: Final = SENTENCES.map(lambda said: (said, said))
MADE_UP: Final = st.tuples(SENTENCES, SENTENCES)
TURNS: Final = st.lists(st.tuples(ACTIONS, AS_HEARD | AS_HEARD | MADE_UP), min_size=1, max_size=40)
type Turns = list[tuple[str, tuple[str, str]]]


def agreed(survey: Survey) -> Step:
    """The caller has just agreed to begin."""
    step = flow.open_survey(survey, SurveyProgress.start(survey, "run-1"))
    return flow.answer(survey, step.progress, words="yes", heard="yes", today=TODAY)


def act(survey: Survey, progress: SurveyProgress, action: str, words: str, heard: str) -> Step:
    match action:
        case "answer":
            return flow.answer(survey, progress, words=words, heard=heard, today=TODAY)
        case "several":
            lines = f"{progress.question}: {words}; {survey.questions[-1].id}: {words}"
            return flow.answer_several(survey, progress, answers=lines, heard=heard, today=TODAY)
        case "change":
            return flow.change(survey, progress, request=words, heard=heard, today=TODAY)
        case "repeat":
            return flow.repeat(survey, progress, words=words)
        case "reopen":
            return flow.open_survey(survey, progress)
    rules = {"skip": flow.skip, "back": flow.go_back, "pause": flow.pause, "finish": flow.finish}
    return rules[action](survey, progress, heard=heard, today=TODAY)


def check_shape(step: Step, before: SurveyProgress) -> None:
    assert SurveyProgress.from_json(step.progress.to_json()) == step.progress
    assert step.reply.say
    assert step.progress.ask_number >= before.ask_number
    assert (step.progress.phase == "confirming") == (step.progress.pending is not None)
    if step.reply.expect is not None:
        assert step.reply.expect.arguments == {"ask": step.progress.label}
        assert flow.matches(step.progress, step.progress.label)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list_surveys()), TURNS)
def test_no_conversation_breaks_the_survey(name: str, turns: Turns) -> None:
    survey = load_survey(name)
    step = agreed(survey)
    for action, (words, heard) in turns:
        before = step.progress
        step = act(survey, before, action, words, heard)
        check_shape(step, before)
        if not heard.strip():
            assert step.writes == ()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list_surveys()), TURNS)
def test_rows_and_progress_always_tell_the_same(name: str, turns: Turns) -> None:
    survey = load_survey(name)
    step = agreed(survey)
    rows: dict[str, object] = {}
    for action, (words, heard) in turns:
        step = act(survey, step.progress, action, words, heard)
        for write in step.writes:
            match write:
                case AnswerRecorded(question_id=question_id, value=value):
                    rows[question_id] = value
                case QuestionSkipped(question_id=question_id):
                    rows[question_id] = None
                case AnswerWithdrawn(question_id=question_id):
                    del rows[question_id]
    assert rows == {question_id: answer.value for question_id, answer in step.progress.answers.items()}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list_surveys()), TURNS)
def test_an_answer_writes_the_open_question_first_and_later_ones_only_from_the_same_breath(
    name: str, turns: Turns
) -> None:
    survey = load_survey(name)
    step = agreed(survey)
    for action, (words, heard) in turns:
        before = step.progress
        step = act(survey, before, action, words, heard)
        kept = [write for write in step.writes if not isinstance(write, AnswerWithdrawn)]
        if action in ("answer", "skip") and kept and before.phase != "choosing":
            assert kept[0].question_id == before.question
        if action in ("back", "repeat", "pause", "finish", "reopen"):
            assert step.writes == ()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list_surveys()), st.lists(SENTENCES.filter(str.strip), min_size=1, max_size=12))
def test_a_caller_who_only_answers_always_reaches_an_end(name: str, sentences: list[str]) -> None:
    """Whatever is said, over and over: a question is answered, skipped or left out in the end."""
    survey = load_survey(name)
    step = agreed(survey)
    for turn in range(MOST_TURNS):
        if step.outcome is not None:
            break
        said = sentences[turn % len(sentences)]
        step = flow.answer(survey, step.progress, words=said, heard=said, today=TODAY)
    assert step.outcome == "completed"
