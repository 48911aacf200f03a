"""Voice agents on Amazon Nova Sonic and LiveKit: the runtime that personas are written against."""

from __future__ import annotations

from nova_agent.context import userdata_for
from nova_agent.persona import Persona
from nova_agent.reply import Also, Expect, ToolReply
from nova_agent.userdata import ProgressSlot, RunContext_T, UserData

__all__ = ["Also", "Expect", "Persona", "ProgressSlot", "RunContext_T", "ToolReply", "UserData", "userdata_for"]
