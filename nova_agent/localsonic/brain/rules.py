"""The default brain: rules, no language model.

It follows the client's directives to the letter, decides lexically what a caller turn means, and speaks `say` as
it stands. It understands only what its lexicon and its sound tables hold, it has no world knowledge, and it does
not paraphrase; that makes a conversation with it cheap, offline and repeatable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nova_agent.localsonic.brain import phrasing
from nova_agent.localsonic.brain.decide import Answer, Ask, AskAgain, Decision, OtherTool, Wants, decide
from nova_agent.localsonic.brain.directive import Directive, latest, opening_directive, parse_directive
from nova_agent.localsonic.brain.foreign import act_without_directives
from nova_agent.localsonic.brain.port import (
    Action,
    AgentSaid,
    CallTool,
    Conversation,
    Item,
    Say,
    ToolCalled,
    ToolReturned,
    UserSaid,
)
from nova_agent.localsonic.brain.toolmatch import complete


@dataclass(frozen=True, slots=True)
class Moment:
    """The conversation cut at what has not been dealt with: ``past`` items, then ``new`` ones."""

    past: Sequence[Item]
    new: Sequence[Item]
    opening: Directive | None

    @property
    def before(self) -> Directive | None:
        """The directive that was open before the new items."""
        return latest(self.opening, _results(self.past))

    @property
    def now(self) -> Directive | None:
        return latest(self.opening, _results((*self.past, *self.new)))

    @property
    def asked_again(self) -> int:
        """Caller turns since the last tool call: each of them led to asking again."""
        turns = 0
        for item in reversed(self.past):
            if isinstance(item, ToolCalled | ToolReturned):
                break
            turns += isinstance(item, UserSaid) and not item.typed
        return turns

    @property
    def nothing_spoken(self) -> bool:
        items = (*self.past, *self.new)
        return not any(isinstance(i, ToolCalled) or (isinstance(i, AgentSaid) and i.text.strip()) for i in items)


class RulesBrain:
    """Follows directives by rules; see the module. Its only state is how far it has dealt with the conversation.

    If the caller talks while tools run, the words belong to the ask that was open then. When the result leaves the
    same ask open they are taken as its answer, in place of asking again; otherwise they are ignored, because the
    next question had not been heard yet.
    """

    def __init__(self) -> None:
        self._dealt_with = 0

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        """Decide the next actions. Never raises for anything a caller may say."""
        moment = self._moment(conversation)
        self._dealt_with = len(conversation.items)
        if moment.now is None:
            return act_without_directives(conversation, moment.new)
        results = _results(moment.new)
        if results:
            return _after_results(conversation, moment, results)
        said = _said(moment.new)
        return _after_caller(conversation, moment, said) if said else ()

    def _moment(self, conversation: Conversation) -> Moment:
        """A brain that joins late takes everything up to the agent's last words as dealt with."""
        items = conversation.items
        start = min(self._dealt_with, len(items)) or _after_last_speech(items)
        return Moment(items[:start], items[start:], opening_directive(conversation.system))


def _after_results(conversation: Conversation, moment: Moment, results: Sequence[str]) -> Sequence[Action]:
    """Speak the last directive of the turn, unless the caller has answered it already."""
    found = [directive for directive in map(parse_directive, results) if directive is not None]
    if not found:
        return (Say(phrasing.APOLOGY),)
    directive = found[-1]
    meanwhile = _said_while_tools_ran(moment.new)
    if meanwhile and _leaves_open(directive, moment.before):
        actions = _handle(conversation, moment, directive, meanwhile)
        if any(isinstance(action, CallTool) for action in actions):
            return actions
    return (Say(directive.say or phrasing.APOLOGY),)


def _leaves_open(directive: Directive, before: Directive | None) -> bool:
    return (
        directive.status != "error"
        and directive.expect is not None
        and before is not None
        and directive.expect.same_ask(before.expect)
    )


def _after_caller(conversation: Conversation, moment: Moment, said: Sequence[UserSaid]) -> Sequence[Action]:
    directive = moment.now
    if directive is None:
        return ()
    unasked = not conversation.history or any(turn.typed for turn in said)
    if moment.nothing_spoken and unasked:
        return (Say(directive.say or phrasing.GREETING),)
    return _handle(conversation, moment, directive, said)


def _handle(
    conversation: Conversation, moment: Moment, directive: Directive, said: Sequence[UserSaid]
) -> Sequence[Action]:
    """One caller turn against the open directive."""
    words = " ".join(turn.text.strip() for turn in said if turn.text.strip())
    if directive.ends_call:
        return (Say(phrasing.goodbye(moment.asked_again)),)
    if directive.expect is None:
        return (Say(phrasing.NOTHING_OPEN),)
    ask = Ask(directive, directive.expect, conversation.tools, moment.asked_again)
    return (_action(decide(words, ask), words, ask, conversation),)


def _action(decision: Decision, words: str, ask: Ask, conversation: Conversation) -> Action:
    match decision:
        case Answer():
            return _call(conversation, ask.expect.tool, ask.expect.filled(words), words)
        case Wants(also):
            return _call(conversation, also.tool, also.filled(words), words)
        case OtherTool(tool):
            return CallTool(tool.name, complete(tool, {}, words))
        case AskAgain(why):
            return Say(phrasing.ask_again(why, ask.directive.say, ask.asked_again))


def _call(conversation: Conversation, name: str, arguments: dict[str, str], words: str) -> Action:
    """The call, or an apology when the client never declared that tool: a model could not call it either."""
    tools = {tool.name: tool for tool in conversation.tools}
    if name not in tools:
        return Say(f"{phrasing.APOLOGY} There is no tool called {name}.")
    return CallTool(name, complete(tools[name], arguments, words))


def _results(items: Sequence[Item]) -> list[str]:
    return [item.content for item in items if isinstance(item, ToolReturned)]


def _said(items: Sequence[Item]) -> list[UserSaid]:
    return [item for item in items if isinstance(item, UserSaid)]


def _said_while_tools_ran(items: Sequence[Item]) -> list[UserSaid]:
    """Caller turns after the first tool call of ``items``, or all of them when the call lies further back."""
    calls = [index for index, item in enumerate(items) if isinstance(item, ToolCalled)]
    return _said(items[calls[0] :] if calls else items)


def _after_last_speech(items: Sequence[Item]) -> int:
    spoken = [index for index, item in enumerate(items) if isinstance(item, AgentSaid)]
    return spoken[-1] + 1 if spoken else 0
