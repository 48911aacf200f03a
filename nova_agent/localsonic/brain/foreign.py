"""What the rules brain does for a client that gives no directives: someone's own prompt and tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nova_agent.localsonic.brain import phrasing
from nova_agent.localsonic.brain.port import (
    Action,
    CallTool,
    Conversation,
    Item,
    Say,
    ToolCalled,
    ToolReturned,
    ToolSpec,
    UserSaid,
)
from nova_agent.localsonic.brain.toolmatch import best_tool, complete
from nova_agent.localsonic.brain.words import Utterance


def act_without_directives(conversation: Conversation, new: Sequence[Item]) -> Sequence[Action]:
    """Read results out, call the tool that the words ask for, or say what was heard."""
    results = [item for item in new if isinstance(item, ToolReturned)]
    if results:
        return (Say(phrasing.read_out(results[-1].content)),)
    words = " ".join(item.text.strip() for item in new if isinstance(item, UserSaid)).strip()
    if not words:
        return ()
    tool = _forced(conversation) or best_tool(Utterance(words), conversation.tools)
    if tool is not None:
        return (CallTool(tool.name, complete(tool, {}, words)),)
    return (Say(phrasing.echo(words)),)


def _forced(conversation: Conversation) -> ToolSpec | None:
    """The tool that ``toolChoice`` demands before the first answer (Amazon Nova user guide, speech-tools-choice)."""
    choice, tools = conversation.tool_choice or {}, conversation.tools
    if not tools or any(isinstance(item, ToolCalled) for item in conversation.items):
        return None
    wanted = choice.get("tool")
    if isinstance(wanted, Mapping):
        return next((tool for tool in tools if tool.name == wanted.get("name")), None)
    return tools[0] if "any" in choice and len(tools) == 1 else None
