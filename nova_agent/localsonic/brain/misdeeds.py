"""What nasty real models do, one small function each.

A misdeed takes a :class:`Scene` and returns the actions to do instead, or ``None`` where it does not apply. The
caller's real words are never dropped: whatever a misdeed adds, the right call stays among the actions. Calls out
of turn are made only where a careful client can tell: their arguments name an earlier ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from nova_agent.localsonic.brain.directive import Directive, Expect
from nova_agent.localsonic.brain.port import Action, CallTool, Say
from nova_agent.localsonic.brain.values import Kind, kind_of, labels
from nova_agent.localsonic.brain.vocabulary import NO, NUMBERS, YES
from nova_agent.localsonic.brain.words import tokens_of

PREFIXES: Final = ("Great, thanks!", "Wonderful.", "Alright, got it.", "Perfect, thank you.", "Okay, so,")
SUFFIXES: Final = ("Take your time.", "Whenever you're ready.", "Just let me know.")
ASIDES: Final = ("Let me note that.", "One moment while I write that down.", "Okay, let me check.")

_INVENTED: Final[Mapping[Kind, str]] = {
    Kind.BOOLEAN: "yes",
    Kind.NUMBER: "seven",
    Kind.DATE: "tomorrow",
    Kind.PHONE: "202 555 0100",
    Kind.EMAIL: "someone@example.com",
    Kind.OPEN: "Everything was fine.",
}
_UNITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a misdeed may look at. ``actions`` is what the rules would do, misdeeds so far included."""

    actions: Sequence[Action]
    directive: Directive
    earlier: Sequence[Expect]
    """Asks that are no longer open, oldest first."""
    opens: bool
    """This is the very first thing said on the stream."""
    done: frozenset[str]
    """Misdeeds committed on this stream before."""
    random: Random

    @property
    def expect(self) -> Expect | None:
        return self.directive.expect

    @property
    def call(self) -> CallTool | None:
        """The rules' call: the last one, because misdeeds only put others before it."""
        calls = [action for action in self.actions if isinstance(action, CallTool)]
        return calls[-1] if calls else None

    def with_call(self, call: CallTool) -> Sequence[Action]:
        """The actions with the rules' call replaced."""
        return [call if action is self.call else action for action in self.actions]

    def before_call(self, *extra: Action) -> Sequence[Action]:
        """The actions with ``extra`` put before the rules' call."""
        index = next(i for i, action in enumerate(self.actions) if action is self.call)
        return [*self.actions[:index], *extra, *self.actions[index:]]


Misdeed = Callable[[Scene], Sequence[Action] | None]


def paraphrase(scene: Scene) -> Sequence[Action] | None:
    """Chatter around ``say``; facts and question stay word for word."""
    if scene.call is not None or (scene.opens and scene.expect is None):
        return None
    before = "" if scene.opens else f"{scene.random.choice(PREFIXES)} "
    after = f" {scene.random.choice(SUFFIXES)}" if scene.expect is not None and scene.opens else ""
    return [Say(f"{before}{action.text}{after}") if isinstance(action, Say) else action for action in scene.actions]


def talk_before_call(scene: Scene) -> Sequence[Action] | None:
    """An aside is spoken before the tool is called."""
    return scene.before_call(Say(scene.random.choice(ASIDES))) if scene.call else None


def double_encode(scene: Scene) -> Sequence[Action] | None:
    """The arguments go out as a JSON string in a JSON string (seen in livekit/agents#5411)."""
    return scene.with_call(replace(scene.call, double_encoded=True)) if scene.call else None


def call_twice(scene: Scene) -> Sequence[Action] | None:
    """The same call two times in one turn."""
    return scene.before_call(scene.call) if scene.call else None


def call_out_of_order(scene: Scene) -> Sequence[Action] | None:
    """The tool of an earlier ask, with that ask's arguments and today's words, before the right call."""
    call, words = scene.call, _words(scene)
    stale = [ask for ask in scene.earlier if ask.arguments and not ask.is_same_as(scene.expect)]
    if call is None or words is None or not stale:
        return None
    ask = scene.random.choice(stale)
    return scene.before_call(CallTool(ask.tool, ask.filled(words)))


def stale_wish(scene: Scene) -> Sequence[Action] | None:
    """Something that an earlier directive offered (skip, back …), with the arguments it had then."""
    offered = [(also.tool, dict(also.arguments)) for also in scene.expect.also] if scene.expect else []
    stale = [
        CallTool(also.tool, also.filled("that one"))
        for ask in scene.earlier
        for also in ask.also
        if also.arguments and (also.tool, dict(also.arguments)) not in offered
    ]
    return scene.before_call(scene.random.choice(stale)) if scene.call and stale else None


def normalise_words(scene: Scene) -> Sequence[Action] | None:
    """A value in place of the words: "Eight." becomes "8", "Yes, please." becomes "true"."""
    call, expect, words = scene.call, scene.expect, _words(scene)
    if call is None or expect is None or words is None:
        return None
    value = _normalised(words, kind_of(expect.schema))
    return scene.with_call(replace(call, arguments={**call.arguments, expect.argument: value})) if value else None


def invent_before_caller(scene: Scene) -> Sequence[Action] | None:
    """The first question is answered by the model itself, right after asking it."""
    if not scene.opens or scene.expect is None or scene.call is not None:
        return None
    return [*scene.actions, _invented(scene.expect)]


def invent_on_question(scene: Scene) -> Sequence[Action] | None:
    """The caller asked what was meant; an invented answer is recorded first."""
    call, expect = scene.call, scene.expect
    if call is None or expect is None:
        return None
    asked = any(also.intent == "repeat" and also.tool == call.name for also in expect.also)
    return scene.before_call(_invented(expect)) if asked and call.name != expect.tool else None


def stop_too_early(scene: Scene) -> Sequence[Action] | None:
    """The tool that ends the call is called although nobody wants to stop; once in a stream."""
    if scene.call is None or scene.expect is None or stop_too_early.__name__ in scene.done:
        return None
    stops = [CallTool(also.tool, also.filled("")) for also in scene.expect.also if also.intent == "stop"]
    return scene.before_call(stops[0]) if stops and stops[0].name != scene.call.name else None


RATES: Final[Mapping[Misdeed, float]] = {
    normalise_words: 0.3,
    invent_before_caller: 0.3,
    invent_on_question: 0.3,
    call_out_of_order: 0.25,
    stale_wish: 0.2,
    stop_too_early: 0.1,
    call_twice: 0.25,
    double_encode: 0.25,
    talk_before_call: 0.3,
    paraphrase: 0.6,
}
"""Each misdeed with its chance per turn in which it applies, in the order in which they are tried."""


def _words(scene: Scene) -> str | None:
    """The caller's words, if the rules hand them over as the answer."""
    if scene.call is None or scene.expect is None or scene.call.name != scene.expect.tool:
        return None
    words = scene.call.arguments.get(scene.expect.argument)
    return words if isinstance(words, str) else None


def _invented(expect: Expect) -> CallTool:
    """A call with an answer that would be accepted if the caller had given it."""
    kind = kind_of(expect.schema)
    words = _INVENTED.get(kind, "")
    if kind is Kind.CHOICE:
        words = labels(expect.schema)[0]
    elif kind is Kind.NUMBER and isinstance(expect.schema.get("maximum"), int):
        words = str(expect.schema["maximum"])
    return CallTool(expect.tool, expect.filled(words))


def _normalised(words: str, kind: Kind) -> str | None:
    """What a model would make of plain words; ``None`` where it would have to understand them."""
    tokens = tokens_of(words)
    if kind is Kind.NUMBER:
        found = [token for token in tokens if token in NUMBERS or token.isdigit()]
        spelled = {word: str(value) for value, word in enumerate(_UNITS)}
        return spelled.get(found[0], found[0] if found[0].isdigit() else None) if len(found) == 1 else None
    if kind is Kind.BOOLEAN and len(tokens) <= 3:
        answers = {token in YES for token in tokens if token in YES or token in NO}
        return str(answers.pop()).lower() if len(answers) == 1 else None
    trimmed = words.strip().rstrip(".!?").lower()
    return trimmed if kind is Kind.CHOICE and trimmed and trimmed != words else None
