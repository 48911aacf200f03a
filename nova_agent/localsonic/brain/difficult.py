"""A brain that behaves like a difficult real model: the rules' decisions, spoiled by misdeeds.

It paraphrases, calls tools twice, out of order, too early and with made-up values; see ``misdeeds.py`` for the
list. Whatever it does it delivers the caller's words as well, so a careful client can finish the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from nova_agent.localsonic.brain.directive import Expect, parse_directive
from nova_agent.localsonic.brain.misdeeds import RATES, Misdeed, Scene
from nova_agent.localsonic.brain.moment import Moment, moment_of
from nova_agent.localsonic.brain.port import Action, CallTool, Conversation, ToolReturned
from nova_agent.localsonic.brain.rules import RulesBrain


class DifficultBrain:
    """The rules brain with misdeeds drawn from ``seed``; the same seed and conversation give the same ones.

    ``rates`` replaces the chance of each misdeed; one that is left out never happens. ``misdeeds`` lists the names
    of those that were committed, in order.
    """

    def __init__(self, seed: int, rates: Mapping[Misdeed, float] = RATES) -> None:
        self.misdeeds: list[str] = []
        self._rules = RulesBrain()
        self._random = Random(seed)
        self._rates = rates
        self._dealt_with = 0

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        """What the rules would do, spoiled."""
        if conversation.outstanding:
            return await self._rules.act(conversation)
        moment = moment_of(conversation, self._dealt_with)
        self._dealt_with = len(conversation.items)
        actions = await self._rules.act(conversation)
        if moment.now is None or not actions:
            return actions
        opens = moment.is_opening and not moment.results
        scene = Scene(
            actions, moment.now, _earlier_asks(moment), opens, done=frozenset(self.misdeeds), random=self._random
        )
        return self._spoiled(scene, {tool.name for tool in conversation.tools})

    def _spoiled(self, scene: Scene, declared: set[str]) -> Sequence[Action]:
        """Try every misdeed in turn, each on what the ones before have made of the actions."""
        for misdeed, rate in self._rates.items():
            if self._random.random() >= rate:
                continue
            changed = misdeed(scene)
            if changed is None or not _can_be_called(changed, declared):
                continue
            self.misdeeds.append(misdeed.__name__)
            scene = replace(scene, actions=changed)
        return scene.actions


def _earlier_asks(moment: Moment) -> list[Expect]:
    """The asks of this stream before the one that is open, oldest first."""
    results = [item.content for item in (*moment.past, *moment.new) if isinstance(item, ToolReturned)]
    directives = [moment.opening, *(parse_directive(text) for text in results)]
    asks = [directive.expect for directive in directives if directive is not None and directive.expect is not None]
    return [ask for ask in asks if not ask.is_same_as(moment.now.expect if moment.now else None)]


def _can_be_called(actions: Sequence[Action], declared: set[str]) -> bool:
    """Bedrock lets no model call a tool that was not declared."""
    return all(action.name in declared for action in actions if isinstance(action, CallTool))
