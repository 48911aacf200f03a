"""The agent session of a call: LiveKit's, without the defaults that fight Nova Sonic and without what only grows."""

from __future__ import annotations

from typing import Any

from livekit.agents import AgentSession
from livekit.agents.voice.events import AgentEvent, EventTypes


class CallSession[Userdata](AgentSession[Userdata]):
    """Keeps no list of its events.

    ``AgentSession`` keeps every one, with its speeches and their usage, for a report that only LiveKit Cloud's own
    recording asks for: 26 KiB a turn (livekit-agents 1.8.9). A call has its record.
    """

    def emit(self, event: EventTypes, arg: AgentEvent) -> None:
        """Tell whoever listens."""
        super().emit(event, arg)
        self._recorded_events.clear()


def new_session[Userdata](userdata: Userdata) -> CallSession[Userdata]:
    """Make the session without the framework's defaults that fight Nova Sonic (livekit-agents 1.8.9).

    ``vad=None``: otherwise 240 MB of models take a second opinion on turns; ``aec_warmup_duration=None``: otherwise
    the caller is not heard for three seconds; ``user_away_timeout=None``: silence is our own policy.
    """
    options: dict[str, Any] = {"vad": None, "turn_handling": {"turn_detection": "realtime_llm"}}
    return CallSession(userdata=userdata, aec_warmup_duration=None, user_away_timeout=None, **options)
