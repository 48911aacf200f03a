"""The default brain: rules, no language model.

It follows the client's directives to the letter, decides lexically what a caller turn means, and speaks ``say`` as
it stands. It understands only what its lexicon and its sound tables hold, it knows nothing of the world, and it
does not paraphrase; that makes a conversation with it cheap, offline and repeatable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nova_agent.localsonic.brain import phrasing
from nova_agent.localsonic.brain.decide import Answer, Ask, AskAgain, Decision, OtherTool, Wants, decide
from nova_agent.localsonic.brain.directive import Directive, parse_directive
from nova_agent.localsonic.brain.foreign import act_without_directives
from nova_agent.localsonic.brain.moment import Moment, moment_of
from nova_agent.localsonic.brain.port import Action, AgentSaid, CallTool, Conversation, Say, ToolCalled, UserSaid
from nova_agent.localsonic.brain.toolmatch import complete

LASTING: Final = frozenset({"pause", "person", "stop", "switch"})
"""Wishes that mean the same whatever is asked: they hold even if the question changed while they were spoken."""


class RulesBrain:
    """Follows directives by rules; see the module. Its only state is how far it has dealt with the conversation.

    If the caller talks while tools run, the words belong to the ask that was open then:

    * the result leaves that ask open: they are handled as its answer, and the repeated question is not spoken,
      because the caller would answer it once more, to the wrong question;
    * the ask has changed: ``say`` is spoken and an answer is ignored, because the new question had not been heard;
      a wish that does not depend on the question ("I have to go") is granted right after.

    Actions that never reached the caller, because new words came first, are decided anew together with those words.
    """

    def __init__(self) -> None:
        self._before = 0
        self._dealt_with = 0
        self._has_acted = False

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        """Decide the next actions. Never raises, whatever the caller says or the client returns."""
        if self._has_acted and not any(
            isinstance(i, AgentSaid | ToolCalled) for i in conversation.items[self._dealt_with :]
        ):
            self._dealt_with = self._before
        moment = moment_of(conversation, self._dealt_with)
        if conversation.outstanding and moment.now is not None:
            return ()
        self._before, self._dealt_with = self._dealt_with, len(conversation.items)
        actions = _decide_actions(conversation, moment)
        self._has_acted = bool(actions)
        return actions


def _decide_actions(conversation: Conversation, moment: Moment) -> Sequence[Action]:
    directive = moment.now
    if directive is None:
        return act_without_directives(conversation, moment.new)
    if moment.results:
        return _after_results(conversation, moment)
    if not moment.said:
        return ()
    if moment.is_opening:
        return (Say(directive.say or phrasing.GREETING),)
    return (_handle(conversation, moment, directive, moment.said),)


def _after_results(conversation: Conversation, moment: Moment) -> Sequence[Action]:
    """Speak the last directive of the turn, unless the caller has answered it already."""
    found = [directive for directive in map(parse_directive, moment.results) if directive is not None]
    if not found:
        return (Say(phrasing.APOLOGY),)
    directive = found[-1]
    say = Say(directive.say or phrasing.APOLOGY)
    meanwhile = moment.said_while_tools_ran
    if not meanwhile:
        return (say,)
    action = _handle(conversation, moment, directive, meanwhile)
    if not isinstance(action, CallTool):
        return (say,)
    if directive.leaves_open(moment.before):
        return (action,)
    return (say, action) if _is_lasting(action, directive) else (say,)


def _is_lasting(call: CallTool, directive: Directive) -> bool:
    also = directive.expect.also if directive.expect is not None else ()
    return any(offer.tool == call.name and offer.intent in LASTING for offer in also)


def _handle(conversation: Conversation, moment: Moment, directive: Directive, said: Sequence[UserSaid]) -> Action:
    """One caller turn against the open directive."""
    words = " ".join(turn.text.strip() for turn in said if turn.text.strip())
    if directive.ends_call:
        return Say(phrasing.goodbye(moment.asked_again))
    if directive.expect is None:
        return Say(phrasing.NOTHING_OPEN)
    ask = Ask(directive, directive.expect, conversation.tools, moment.asked_again)
    return _action(decide(words, ask), words, ask)


def _action(decision: Decision, words: str, ask: Ask) -> Action:
    match decision:
        case Answer():
            return _call(ask, ask.expect.tool, ask.expect.filled(words), words)
        case Wants(also):
            return _call(ask, also.tool, also.filled(words), words)
        case OtherTool(tool):
            return CallTool(tool.name, complete(tool, {}, words))
        case AskAgain(why):
            return Say(phrasing.ask_again(why, ask.directive.say, ask.asked_again))


def _call(ask: Ask, name: str, arguments: dict[str, str], words: str) -> Action:
    """The call, or an apology when the client never declared that tool: a model could not call it either."""
    tool = next((spec for spec in ask.tools if spec.name == name), None)
    if tool is None:
        return Say(f"{phrasing.APOLOGY} There is no tool called {name}.")
    return CallTool(name, complete(tool, arguments, words))
