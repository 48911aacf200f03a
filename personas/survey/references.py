"""Finds which earlier question a caller means ("the first one", "my last answer", "the price") and what the answer
should become, in one spoken sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from personas.survey import asking
from personas.survey.progress import SurveyProgress
from personas.survey.survey import Question, Survey

SOUNDS_ALIKE: Final = 85
"""rapidfuzz ratio (0–100) from which two words count as the same; recognisers bend endings."""

_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NAMED_THING: Final = r"(?: (?:question|answer|one))?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_LEAD_IN: Final = _pattern(r"^.*?\b(?:change|correct|fix|update|revise|edit|redo|replace|go back (?:and|to))\b\s*")
_MARKER: Final = _pattern(
    r"\s*(?:,\s*)?\b(?:to|into|should (?:be|say|have been)|make (?:it|that)|is now|was|is|it's|with|instead)\b\s*"
    r"|\s*[,:;.]\s+"
)
_BY_ORDINAL: Final = _pattern(rf"\b(?:the |my )?({'|'.join(_ORDINALS)}|1st|2nd|3rd|\d{{1,2}}th)\b{_NAMED_THING}")
_BY_NUMBER: Final = _pattern(rf"\b(?:question|answer|number)(?: number)? ({'|'.join(_NUMBERS)}|\d{{1,2}})\b")
_LAST: Final = _pattern(
    r"\b(?:the )?(?:answer|question|one) (?:just )?before(?: (?:this|that))?(?: one)?"
    rf"|\b(?:the |my )?(?:last|previous|latest)\b{_NAMED_THING}|\bwhat i just said\b"
)
_REVISES: Final = _pattern(r"^\W*(?:(?:no|oh|sorry|wait|actually|um|uh|well)\W+)*(?:make (?:that|it)|i meant)\b")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_COMMON_WORDS: Final = """
    a about an and answer answers any are as ask at be been can change could did do does for from had has have how i i'd
    if in is it it's like many me my no not of on one or our please question questions said say should so something tell
    that the their them there they this to told us want was we were what when where which who will with would you
    your yes
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Reference:
    """The question that was named, and the words after it that may hold the new answer (empty if there are none)."""

    question: Question
    new_words: str
    explicit: bool
    """The caller marked the new answer ("... to nine") rather than just going on talking."""


def find_reference(survey: Survey, progress: SurveyProgress, request: str) -> Reference | None:
    """The question on the caller's trail that ``request`` names; ``None`` if none or several fit."""
    body = _LEAD_IN.sub("", request.replace("’", "'"), count=1)
    candidates = [survey.question(question_id) for question_id in progress.trail if survey.has(question_id)]
    for start, end in _segments(body):
        named = _named(candidates, progress, body[start:end])
        if named is not None:
            question, stop = named
            return _reference(question, body, start + stop, end)
    return None


def implied_reference(survey: Survey, progress: SurveyProgress, request: str) -> Reference | None:
    """For a request that names nothing: the value being read back, the only answer there is, or the last one.

    The last one only for a plain revision such as "make that four": "I want to change my answer" may mean any.
    """
    revision = _REVISES.search(request)
    only = progress.trail[0] if len(progress.trail) == 1 else None
    question_id = progress.question if progress.phase == "confirming" else only
    if question_id is None and revision is not None:
        question_id = next((item for item in reversed(progress.trail) if item != progress.question), None)
    if question_id is None or not survey.has(question_id):
        return None
    question = survey.question(question_id)
    if revision is not None:
        return Reference(question, request[revision.end() :].strip(" ,."), explicit=True)
    body = _LEAD_IN.sub("", request.replace("’", "'"), count=1)
    return _reference(question, body, 0, len(body))


def _segments(text: str) -> Iterator[tuple[int, int]]:
    """Stretches between the words that may introduce a new answer, then the whole text."""
    start = 0
    for marker in _MARKER.finditer(text):
        if marker.start() > start:
            yield start, marker.start()
        start = marker.end()
    if start < len(text):
        yield start, len(text)
    yield 0, len(text)


def _reference(question: Question, body: str, named_end: int, segment_end: int) -> Reference:
    following = body[named_end:]
    marker = _MARKER.search(following)
    if marker is not None and named_end + marker.start() <= max(segment_end, named_end + 1):
        return Reference(question, following[marker.end() :].strip(), explicit=True)
    return Reference(question, following.strip(), explicit=False)


def _named(candidates: Sequence[Question], progress: SurveyProgress, text: str) -> tuple[Question, int] | None:
    return _by_place(candidates, progress, text) or _by_topic(candidates, text)


def _by_place(candidates: Sequence[Question], progress: SurveyProgress, text: str) -> tuple[Question, int] | None:
    """By position among what the caller was asked; "the last one" is the one before the open question."""
    for pattern, positions in ((_BY_NUMBER, _NUMBERS), (_BY_ORDINAL, _ORDINALS)):
        match = pattern.search(text)
        if match is not None:
            place = _place(match.group(1).lower(), positions)
            return (candidates[place - 1], match.end()) if 0 < place <= len(candidates) else None
    last = _LAST.search(text)
    earlier = [question for question in candidates if question.id != progress.question]
    return (earlier[-1], last.end()) if last is not None and earlier else None


def _place(word: str, names: Sequence[str]) -> int:
    digits = re.match(r"\d+", word)
    return int(digits.group()) if digits else names.index(word) + 1


def _by_topic(candidates: Sequence[Question], text: str) -> tuple[Question, int] | None:
    """By the words of its topic, id or text; a tie between two questions names neither."""
    said = [match for match in _WORD.finditer(text) if match.group().lower() not in _COMMON]
    scored = sorted(((_score(question, said), index) for index, question in enumerate(candidates)), reverse=True)
    if not scored or scored[0][0] == 0 or (len(scored) > 1 and scored[0][0] == scored[1][0]):
        return None
    question = candidates[scored[0][1]]
    ends = [match.end() for match in said if _weight(question, match.group())]
    return question, max(ends)


def _score(question: Question, said: Sequence[re.Match[str]]) -> int:
    return sum(_weight(question, match.group()) for match in said)


def _weight(question: Question, word: str) -> int:
    """A word of the topic or id counts twice as much as one of the question's text."""
    if _has(_words(f"{asking.topic(question)} {question.id.replace('_', ' ')}"), word):
        return 2
    return int(_has(_words(question.ask), word))


def _has(words: frozenset[str], said: str) -> bool:
    return any(fuzz.ratio(word, said.lower()) >= SOUNDS_ALIKE for word in words)


def _words(text: str) -> frozenset[str]:
    return frozenset(match.group().lower() for match in _WORD.finditer(text)) - _COMMON
