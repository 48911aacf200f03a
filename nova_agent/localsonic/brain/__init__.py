"""What decides, in place of a model, what Local Sonic says and which tools it asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nova_agent.localsonic.brain.echo import EchoBrain
from nova_agent.localsonic.brain.port import (
    Action,
    AgentSaid,
    Brain,
    CallTool,
    Conversation,
    HistoryTurn,
    Item,
    Say,
    ToolCalled,
    ToolReturned,
    ToolSpec,
    UserSaid,
)
from nova_agent.localsonic.brain.rules import RulesBrain


def make_brain(name: str, *, seed: int = 0, script: Path | None = None) -> Callable[[], Brain]:
    del seed, script
    brains: dict[str, Callable[[], Brain]] = {"rules": RulesBrain, "echo": EchoBrain}
    return brains[name]


__all__ = [
    "Action",
    "AgentSaid",
    "Brain",
    "CallTool",
    "Conversation",
    "EchoBrain",
    "HistoryTurn",
    "Item",
    "RulesBrain",
    "Say",
    "ToolCalled",
    "ToolReturned",
    "ToolSpec",
    "UserSaid",
    "make_brain",
]
