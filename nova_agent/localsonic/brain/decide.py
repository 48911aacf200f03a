"""Decides what one caller turn means while a directive is open: an answer, a wish, another tool, or nothing.

The rules in their order, each a function below:

1. Silence and hesitation ("Um.") are nothing: ask again. "Hold on" is granted and waited for.
2. One of the choices asked for, word for word, is the answer, even if it reads like a wish.
3. A wish (skip, back, …) that is offered, and that no value outweighs:
   back, change, person, stop and switch outweigh a value that stands beside them ("No thanks, I have to stop now"
   is a stop); skip, pause and repeat are outweighed by one ("Hang on. Eight." is an answer), for yes/no only by a
   later one ("Yes, can you repeat that?" is a repeat). What echoes the question is the answer ("Are you
   interested?" – "No, not interested"; "Name a question." – "The previous question."), and so is a correction while
   a value is being confirmed or asked for anew ("Is that right?" – "No, change it to nine").
   A wish that is not offered goes to the client as an answer if it asks for a typed value, because its code can
   say why; for open text it would be recorded, so the question is put again.
4. A plausible value, or a hedge ("I don't know"): the words are handed over. Skipping is never assumed.
5. For open text everything else is an answer, except a question that has nothing to do with what was asked.
6. For typed kinds: a statement on the subject goes to the client, a question on the subject is a wish for
   repetition, a plain request for another declared tool calls it; the rest is asked again, twice at most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nova_agent.localsonic.brain.directive import Also, Directive, Expect
from nova_agent.localsonic.brain.intents import Wish, find_wish
from nova_agent.localsonic.brain.port import ToolSpec
from nova_agent.localsonic.brain.toolmatch import choice_stems, requested_tool
from nova_agent.localsonic.brain.values import (
    Kind,
    holds_value,
    is_hedge,
    is_label,
    is_part_of_label,
    kind_of,
    names_day,
)
from nova_agent.localsonic.brain.vocabulary import FILLERS, QUESTION_WORDS
from nova_agent.localsonic.brain.words import Utterance, content_stems, tokens_of

PATIENCE: Final = 2
"""After asking again so often for one thing the words are handed over: the client limits invalid answers itself."""

_SHORT_REQUEST: Final = 5
_COURTESIES: Final = frozenset({"sorry", "excuse me", "pardon", "pardon me"})
_STRONG: Final = frozenset({"back", "change", "person", "stop", "switch"})
_YIELD_TO_A_VALUE_IN_THEIR_CLAUSE: Final = frozenset({"pause", "moment", "stop", "switch"})
_EARLIER: Final = re.compile(r"\b(questions?|answers?|first|second|third|last|previous|earlier|before|back)\b")


class Why(StrEnum):
    """Why a turn leads to no tool call."""

    UNHEARD = "unheard"
    OFF_TOPIC = "off-topic"
    NOT_OFFERED = "not-offered"
    REPEAT = "repeat"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Answer:
    """The words answer the open ask."""


@dataclass(frozen=True, slots=True)
class Wants:
    """The caller wants something else that the directive offers."""

    also: Also


@dataclass(frozen=True, slots=True)
class OtherTool:
    """The caller plainly asks for a tool that the directive does not mention."""

    tool: ToolSpec


@dataclass(frozen=True, slots=True)
class AskAgain:
    """No tool call: say something and put the question again."""

    why: Why


Decision = Answer | Wants | OtherTool | AskAgain


@dataclass(frozen=True, slots=True)
class Ask:
    """What is open when the caller speaks. ``asked_again`` counts the turns it has already cost without a call."""

    directive: Directive
    expect: Expect
    tools: Sequence[ToolSpec] = ()
    asked_again: int = 0

    @property
    def kind(self) -> Kind:
        return kind_of(self.expect.schema)

    @property
    def question_stems(self) -> frozenset[str]:
        """The subject of the question itself, without the hints that may stand before it."""
        sentences = [part for part in re.split(r"(?<=[.!?])\s+", self.directive.say) if part.strip()]
        asked = [part for part in sentences if part.rstrip().endswith("?")] or sentences
        return content_stems(asked[-1]) if asked else frozenset()

    def offers(self, intent: str, utterance: Utterance) -> Also | None:
        """The offer for ``intent``; of several, the one whose arguments share most words with ``utterance``."""
        offers = [also for also in self.expect.also if also.intent == intent]
        return max(offers, key=lambda also: len(_argument_stems(also) & utterance.content_stems), default=None)


def decide(text: str, ask: Ask) -> Decision:
    """What ``text`` means while ``ask`` is open. Never raises, whatever the text."""
    utterance = Utterance(text)
    if utterance.is_noise:
        return AskAgain(Why.UNHEARD)
    if is_label(ask.expect.schema, utterance):
        return Answer()
    wish = find_wish(utterance, open_text=ask.kind is Kind.OPEN)
    if wish is not None and not (_is_courtesy(wish, utterance) or _tells_of_waiting(wish, utterance, ask)):
        if _corrects(wish, utterance, ask):
            return Answer()
        if not _outweighed(wish, utterance, ask):
            return _wanted(wish, utterance, ask)
    return _without_wish(utterance, ask)


def _is_courtesy(wish: Wish, utterance: Utterance) -> bool:
    """ "Sorry?" asks for a repetition; "I don't have one, sorry" does not."""
    others = (clause for index, clause in enumerate(utterance.clauses) if index != wish.clause)
    return wish.phrase in _COURTESIES and any(set(clause.tokens) - FILLERS for clause in others)


def _tells_of_waiting(wish: Wish, utterance: Utterance, ask: Ask) -> bool:
    """ "I had to wait for more than an hour" is an open answer; who wants a moment says so in a word or two."""
    return wish.intent == "moment" and ask.kind is Kind.OPEN and len(utterance.tokens) > _SHORT_REQUEST


def _without_wish(utterance: Utterance, ask: Ask) -> Decision:
    """No wish, or none that counts."""
    if ask.kind is Kind.OPEN:
        return AskAgain(Why.OFF_TOPIC) if _is_off_topic(utterance, ask) else Answer()
    if holds_value(ask.expect.schema, utterance) or is_hedge(utterance):
        return Answer()
    return _unclear(utterance, ask)


def _wanted(wish: Wish, utterance: Utterance, ask: Ask) -> Decision:
    """An offer for the wish; without one, what a polite model would do."""
    if wish.intent == "moment":
        return AskAgain(Why.MOMENT)
    offer = ask.offers(wish.intent, utterance)
    if offer is not None:
        return Wants(offer)
    if wish.intent == "repeat":
        return AskAgain(Why.REPEAT)
    if ask.kind is not Kind.OPEN or wish.by_sound or utterance.content_stems & ask.question_stems:
        return Answer()
    return AskAgain(Why.NOT_OFFERED)


def _outweighed(wish: Wish, utterance: Utterance, ask: Ask) -> bool:
    """Whether the utterance is the answer although it holds a wish."""
    if _names_what_is_asked(wish, utterance, ask):
        return True
    if ask.kind is Kind.OPEN or not holds_value(ask.expect.schema, utterance):
        return False
    if wish.by_sound:
        return True
    inside = not (wish.whole or wish.plain) and _holds(ask, utterance, wish.clause)
    if wish.intent in _STRONG:
        return inside and wish.intent in _YIELD_TO_A_VALUE_IN_THEIR_CLAUSE
    return _value_beside(wish, utterance, ask) or (inside and wish.intent in _YIELD_TO_A_VALUE_IN_THEIR_CLAUSE)


def _names_what_is_asked(wish: Wish, utterance: Utterance, ask: Ask) -> bool:
    """The words of the wish are what the question is about.

    "The previous question" where a question is to be named, "In person, I think" among choices, "Call me tomorrow"
    where a day is asked for, "Yes, call me back" to "Shall we call you back?".
    """
    match ask.kind:
        case Kind.OPEN:
            named = wish.phrase.split()
            return wish.intent == "back" and "back" not in named and named[-1] in tokens_of(ask.directive.say)
        case Kind.CHOICE:
            return is_part_of_label(ask.expect.schema, utterance, wish.phrase)
        case Kind.DATE:
            return wish.intent == "pause" and names_day(utterance)
        case Kind.BOOLEAN:
            return _echoes(wish, utterance, ask)
        case _:
            return False


def _corrects(wish: Wish, utterance: Utterance, ask: Ask) -> bool:
    """A correction of the value at hand, not of an earlier answer."""
    if wish.intent != "change" or _EARLIER.search(" ".join(utterance.tokens)):
        return False
    if ask.directive.status == "confirm":
        return True
    return ask.directive.status == "invalid" and ask.kind is not Kind.OPEN and holds_value(ask.expect.schema, utterance)


def _value_beside(wish: Wish, utterance: Utterance, ask: Ask) -> bool:
    """A value stands in another clause that asks nothing; a yes or no only counts after the wish."""
    later_only = ask.kind is Kind.BOOLEAN
    return any(
        _holds(ask, utterance, index) and not clause.asks
        for index, clause in enumerate(utterance.clauses)
        if index != wish.clause and (index > wish.clause or not later_only)
    )


def _holds(ask: Ask, utterance: Utterance, clause: int) -> bool:
    return holds_value(ask.expect.schema, Utterance(" ".join(utterance.clauses[clause].tokens)))


def _echoes(wish: Wish, utterance: Utterance, ask: Ask) -> bool:
    if wish.intent in {"back", "change", "repeat"}:
        return False
    return bool(content_stems(" ".join(utterance.clauses[wish.clause].tokens)) & ask.question_stems)


def _unclear(utterance: Utterance, ask: Ask) -> Decision:
    """A typed kind, and neither wish nor value in sight."""
    on_subject = bool(utterance.content_stems & content_stems(ask.directive.say))
    if utterance.is_question:
        offer = ask.offers("repeat", utterance) if on_subject else None
        if offer is not None:
            return Wants(offer)
    elif on_subject or ask.directive.status == "confirm" or _says_no(utterance):
        return Answer()
    other = _other_tool(utterance, ask)
    if other is not None:
        return other
    if ask.asked_again >= PATIENCE:
        return Answer()
    return AskAgain(Why.OFF_TOPIC if utterance.is_question else Why.UNHEARD)


def _says_no(utterance: Utterance) -> bool:
    """A no at either end: the client knows whether there may be nothing to tell ("No e-mail, please")."""
    return bool({utterance.tokens[0], utterance.tokens[-1]} & {"no", "nope", "none"})


def _other_tool(utterance: Utterance, ask: Ask) -> Decision | None:
    """A switch whose destination is named, or a declared tool that is asked for by its name's words."""
    switch = ask.offers("switch", utterance)
    if switch is not None:
        spec = next((tool for tool in ask.tools if tool.name == switch.tool), None)
        destinations = _argument_stems(switch) | (choice_stems(spec) if spec is not None else frozenset())
        if destinations & utterance.content_stems:
            return Wants(switch)
    known = {ask.expect.tool, *(also.tool for also in ask.expect.also)}
    tool = requested_tool(utterance, [spec for spec in ask.tools if spec.name not in known])
    return OtherTool(tool) if tool is not None else None


def _is_off_topic(utterance: Utterance, ask: Ask) -> bool:
    """A question word in front, a question mark behind, and no word of the subject."""
    core = [token for token in utterance.clauses[-1].tokens if token not in {"so", "and", "but", "well", "oh"}]
    asks = bool(core) and core[0] in QUESTION_WORDS and utterance.clauses[-1].asks
    return asks and len(utterance.clauses) <= 2 and not utterance.content_stems & content_stems(ask.directive.say)


def _argument_stems(also: Also) -> frozenset[str]:
    return content_stems(" ".join(value.replace("_", " ") for value in also.arguments.values()))
