"""What decides, in place of a model, what Local Sonic says and which tools it asks for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import Final, cast

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
        name: "rules" (the default stand-in), "scripted", "difficult", "echo", or "package.module:factory" for a
            brain of one's own: a class or function that is called without arguments once a stream.
        seed: draws the misdeeds of "difficult"; each further stream gets the next seed.
        script: the script file of "scripted", and of no other.

    Raises:
        SettingsError: there is no such brain, it cannot be imported, or "scripted" was given no script, or
            another brain one.
        ContentInvalid: the script is wrong.
    """
    if script is not None and name != "scripted":
        raise SettingsError(f"The brain {name!r} follows no script, and {script} is one. Choose the brain 'scripted'.")
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
        case _ if ":" in name:
            return _imported(name)
        case _:
            raise SettingsError(
                f"No brain is called {name!r}. Choose one of: {', '.join(BRAIN_NAMES)}; or module:factory."
            )


def _imported(name: str) -> Callable[[], Brain]:
    module, _, attribute = name.partition(":")
    try:
        factory = attrgetter(attribute)(import_module(module))
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"The brain {name!r} cannot be imported: {error}. Is its folder on PYTHONPATH, and the name right?"
        ) from error
    if not callable(factory):
        raise SettingsError(f"The brain {name!r} is no class or function that makes a brain.")
    return cast("Callable[[], Brain]", factory)


def _scripted(script: Path | None) -> Callable[[], Brain]:
    """Read once: a wrong script is reported at start and not in mid-call, and no stream waits for another's reading."""
    if script is None:
        raise SettingsError("The brain 'scripted' needs a script: give the path of a YAML file with its steps.")
    steps = load_steps(script)
    return lambda: ScriptedBrain(steps, source=str(script))


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
