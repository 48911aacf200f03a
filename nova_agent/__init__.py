"""Voice agents on Amazon Nova Sonic and LiveKit: the runtime that personas are written against.

The public names are imported when first used: Local Sonic and the rules of personas live in this package too,
and neither wants LiveKit to be loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nova_agent.context import userdata_for
    from nova_agent.persona import Persona
    from nova_agent.reply import Also, Expect, ToolReply
    from nova_agent.userdata import ProgressSlot, RunContext_T, UserData

__all__ = ["Also", "Expect", "Persona", "ProgressSlot", "RunContext_T", "ToolReply", "UserData", "userdata_for"]

_HOMES = {
    "Also": "reply",
    "Expect": "reply",
    "Persona": "persona",
    "ProgressSlot": "userdata",
    "RunContext_T": "userdata",
    "ToolReply": "reply",
    "UserData": "userdata",
    "userdata_for": "context",
}


def __getattr__(name: str) -> Any:
    if (home := _HOMES.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
