"""What decides, in place of a model, what Local Sonic says and which tools it asks for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

from nova_agent.errors import SettingsError
from nova_agent.localsonic.brain.difficult import DifficultBrain
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
from nova_agent.localsonic.brain.scripted import ScriptedBrain, load_steps

BRAIN_NAMES: Final = ("rules", "scripted", "difficult", "echo")


def make_brain(name: str, *, seed: int = 0, script: Path | None = None) -> Callable[[], Brain]:
    """A factory of brains, one for each stream.

    Args:
        name: "rules" (the default stand-in), "scripted", "difficult" or "echo".
        seed: draws the misdeeds of "difficult"; each further stream gets the next seed.
        script: the script file of "scripted".

    Raises:
        SettingsError: there is no such brain, or "scripted" was given no script.
        ContentInvalid: the script is wrong.
    """
    match name:
        case "rules":
            return RulesBrain
        case "echo":
            return EchoBrain
        case "difficult":
            seeds = count(seed)
            return lambda: DifficultBrain(next(seeds))
        case "scripted":
            return _scripted(script)
        case _:
            raise SettingsError(f"No brain is called {name!r}. Choose one of: {', '.join(BRAIN_NAMES)}.")


def _scripted(script: Path | None) -> Callable[[], Brain]:
    """Read once up front, so that a wrong script is reported at start and not in mid-call."""
    if script is None:
        raise SettingsError("The brain 'scripted' needs a script: give the path of a YAML file with its steps.")
    load_steps(script)
    return lambda: ScriptedBrain(script)


__all__ = [
    "BRAIN_NAMES",
    "Action",
    "AgentSaid",
    "Brain",
    "CallTool",
    "Conversation",
    "DifficultBrain",
    "EchoBrain",
    "HistoryTurn",
    "Item",
    "RulesBrain",
    "Say",
    "ScriptedBrain",
    "ToolCalled",
    "ToolReturned",
    "ToolSpec",
    "UserSaid",
    "make_brain",
]
