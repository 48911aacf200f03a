"""Where a conversation stands: what has been dealt with, what is new, and which directive is open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nova_agent.localsonic.brain.directive import Directive, latest, opening_directive
from nova_agent.localsonic.brain.port import AgentSaid, Conversation, Item, ToolCalled, ToolReturned, UserSaid

_BID: Final = re.compile(
    r"(?:^|[.!?]\s+)(?:please\s+)?"
    r"(?:begin|start|greet|introduce yourself|go on|go ahead|continue|proceed|ask (?:me )?again)\b",
    re.IGNORECASE,
)
"""A typed sentence that bids the model speak, in place of a caller's words."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A conversation cut in two: ``past`` items have been dealt with, ``new`` ones have not."""

    past: Sequence[Item]
    new: Sequence[Item]
    opening: Directive | None
    has_history: bool

    @property
    def before(self) -> Directive | None:
        """The directive that was open before the new items."""
        return latest(self.opening, _results(self.past))

    @property
    def now(self) -> Directive | None:
        """The directive that is open; ``None`` if the client never gave one."""
        return latest(self.opening, _results((*self.past, *self.new)))

    @property
    def results(self) -> list[str]:
        """Tool results that have not been spoken yet."""
        return _results(self.new)

    @property
    def said(self) -> list[UserSaid]:
        """Caller turns that have not been handled yet."""
        return [item for item in self.new if isinstance(item, UserSaid)]

    @property
    def said_while_tools_ran(self) -> list[UserSaid]:
        """New caller turns that came after the call whose results are new as well."""
        calls = [index for index, item in enumerate(self.new) if isinstance(item, ToolCalled)]
        later = self.new[calls[0] :] if calls else self.new
        return [item for item in later if isinstance(item, UserSaid)]

    @property
    def asked_again(self) -> int:
        """Caller turns since the agent spoke first or a tool ran: each of them was answered by asking again."""
        turns, spoken = 0, False
        for item in self.past:
            match item:
                case ToolCalled() | ToolReturned():
                    turns, spoken = 0, True
                case AgentSaid():
                    spoken = True
                case UserSaid():
                    turns += spoken
        return turns

    @property
    def is_opening(self) -> bool:
        """The opening directive is still to be spoken.

        On a stream without history whatever comes triggers it. On one that continues a call, the caller may be
        answering what the stream before has asked: there only a typed bid to speak does.
        """
        items = (*self.past, *self.new)
        if any(isinstance(i, ToolCalled) or (isinstance(i, AgentSaid) and i.text.strip()) for i in items):
            return False
        return not self.has_history or any(turn.typed and _BID.search(turn.text) for turn in self.said)


def moment_of(conversation: Conversation, dealt_with: int) -> Moment:
    """Cut ``conversation`` after ``dealt_with`` items.

    With 0, for a brain that joins late, everything up to the agent's last words counts as dealt with.
    """
    items = conversation.items
    start = min(dealt_with, len(items)) or _after_last_speech(items)
    return Moment(items[:start], items[start:], opening_directive(conversation.system), bool(conversation.history))


def _results(items: Sequence[Item]) -> list[str]:
    return [item.content for item in items if isinstance(item, ToolReturned)]


def _after_last_speech(items: Sequence[Item]) -> int:
    spoken = [index for index, item in enumerate(items) if isinstance(item, AgentSaid)]
    return spoken[-1] + 1 if spoken else 0
