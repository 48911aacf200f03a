"""A brain that repeats what it heard: the smallest one, for tests of ears, mouth and wire."""

from __future__ import annotations

from collections.abc import Sequence

from nova_agent.localsonic.brain.phrasing import echo
from nova_agent.localsonic.brain.port import Action, Conversation, Say, UserSaid


class EchoBrain:
    """Says "I heard: …" for the caller's last turn and never calls a tool."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        last = conversation.items[-1] if conversation.items else None
        return (Say(echo(last.text)),) if isinstance(last, UserSaid) else ()
