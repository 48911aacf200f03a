"""Rules between the fields of a survey: whatever the shape of a single field cannot tell.

Every check yields findings and goes on, so that one run shows an author everything there is to mend.
"""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rapidfuzz import process

from nova_agent.errors import ContentInvalid
from personas.survey.conditions import ANSWERED, Condition, compile_condition
from personas.survey.survey import CHOICE_KINDS, KIND_FIELDS, Question

RESERVED_IDS: Final = frozenset({"consent", ANSWERED, *keyword.kwlist})
CLOSE_ENOUGH: Final = 60
"""rapidfuzz score (0–100) from which a misspelt name earns a "did you mean"."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: ``place`` names the question and field, ``problem`` says what is wrong and what is allowed."""

    place: str
    problem: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A question whose own fields are sound, with its position in the file, counted from 1."""

    position: int
    question: Question

    def finding(self, field: str, problem: str) -> Finding:
        return Finding(f"question '{self.question.id}' (number {self.position}): field '{field}'", problem)


def did_you_mean(wrong: str, allowed: Sequence[str]) -> str:
    """``; did you mean 'x'?`` when something allowed is spelled much alike, else nothing."""
    best = process.extractOne(wrong, allowed, score_cutoff=CLOSE_ENOUGH)
    return f"; did you mean '{best[0]}'?" if best else ""


def check_questions(placed: Sequence[Placed], positions: Mapping[str, int]) -> Iterator[Finding]:
    """Every cross-field finding. ``positions`` holds the first position of every id, unsound questions included."""
    kinds = {item.question.id: item.question for item in placed}
    for item in placed:
        yield from _check_id(item, positions)
        yield from _check_kind_fields(item)
        yield from _check_choices(item)
        yield from _check_limits(item)
        yield from _check_labels(item)
        yield from _check_dates(item)
        yield from _check_when(item, positions, kinds)


def _check_id(item: Placed, positions: Mapping[str, int]) -> Iterator[Finding]:
    if item.question.id in RESERVED_IDS:
        yield item.finding("id", f"'{item.question.id}' is reserved; choose another id")
    first = positions[item.question.id]
    if first != item.position:
        yield item.finding("id", f"is used already by question number {first}; every id stands once")


def _check_kind_fields(item: Placed) -> Iterator[Finding]:
    special = frozenset[str]().union(*KIND_FIELDS.values())
    for field in sorted((item.question.model_fields_set & special) - KIND_FIELDS[item.question.kind]):
        kinds = ", ".join(kind for kind, fields in KIND_FIELDS.items() if field in fields)
        yield item.finding(field, f"does not belong to kind '{item.question.kind}'; it is for: {kinds}")


def _check_choices(item: Placed) -> Iterator[Finding]:
    question = item.question
    if question.kind not in CHOICE_KINDS:
        return
    if len(question.choices) < 2:
        yield item.finding("choices", f"'{question.kind}' needs at least 2 choices; there are {len(question.choices)}")
    spoken = [{name.casefold() for name in (c.value, c.label, *c.aliases)} for c in question.choices]
    for name, times in Counter(name for names in spoken for name in names).items():
        if times > 1:
            yield item.finding("choices", f"'{name}' stands for {times} choices; every name means one")


def _check_limits(item: Placed) -> Iterator[Finding]:
    question = item.question
    if question.kind == "scale" and None in (question.minimum, question.maximum):
        yield item.finding("minimum", "a scale needs both 'minimum' and 'maximum', for instance 0 and 10")
    if question.maximum is None:
        return
    if question.minimum is not None and question.minimum > question.maximum:
        problem = f"{question.minimum} is more than the maximum {question.maximum}; it must not be"
        yield item.finding("minimum", problem)
    if question.kind == "multiple_choice" and question.maximum > len(question.choices):
        yield item.finding("maximum", f"{question.maximum} is more than the {len(question.choices)} choices")


def _check_labels(item: Placed) -> Iterator[Finding]:
    low, high = item.question.minimum, item.question.maximum
    if low is None or high is None:
        return
    for number in item.question.labels:
        if not low <= number <= high:
            yield item.finding("labels", f"{number} is outside the scale; allowed: {low} to {high}")


def _check_dates(item: Placed) -> Iterator[Finding]:
    limits: dict[str, date] = {}
    for field, text in (("earliest", item.question.earliest), ("latest", item.question.latest)):
        if text is None or text == "today":
            continue
        try:
            limits[field] = date.fromisoformat(text)
        except ValueError:
            yield item.finding(field, f"'{text}' is no date; allowed: a date such as 2026-01-31, or today")
    if len(limits) == 2 and limits["earliest"] > limits["latest"]:
        yield item.finding("earliest", f"{limits['earliest']} is after the latest, {limits['latest']}; it must not be")


def _check_when(item: Placed, positions: Mapping[str, int], questions: Mapping[str, Question]) -> Iterator[Finding]:
    if item.question.when is None:
        return
    try:
        condition = compile_condition(item.question.when)
    except ContentInvalid as error:
        yield item.finding("when", str(error))
        return
    yield from _check_names(item, condition, positions)
    yield from _check_literals(item, condition, questions)


def _check_names(item: Placed, condition: Condition, positions: Mapping[str, int]) -> Iterator[Finding]:
    earlier = [name for name, position in positions.items() if position < item.position]
    for name in sorted(condition.names):
        if name not in positions:
            problem = f"there is no question '{name}'{did_you_mean(name, earlier)}"
            yield item.finding("when", f"{problem} (allowed: {', '.join(earlier) or 'none, this is the first'})")
        elif name not in earlier:
            yield item.finding("when", f"'{name}' is not asked before this question; allowed: {', '.join(earlier)}")


def _check_literals(item: Placed, condition: Condition, questions: Mapping[str, Question]) -> Iterator[Finding]:
    """A comparison with a choice that does not exist would silently never hold."""
    for name, literal in condition.compared:
        question = questions.get(name)
        if question is None or question.kind not in CHOICE_KINDS:
            continue
        values = [choice.value for choice in question.choices]
        if literal not in values:
            problem = f"'{name}' has no choice {literal!r}{did_you_mean(str(literal), values)}"
            yield item.finding("when", f"{problem} (allowed: {', '.join(values)})")
