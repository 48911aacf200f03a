"""The agent session of a call keeps nothing that only grows."""

from __future__ import annotations

from livekit.agents import AgentSession, AgentStateChangedEvent

from nova_agent.session import new_session

EVENT = AgentStateChangedEvent(old_state="listening", new_state="speaking")


def tell(session: AgentSession[None]) -> list[AgentStateChangedEvent]:
    """Emit an event twice and return what a listener was told."""
    told: list[AgentStateChangedEvent] = []
    session.on("agent_state_changed", told.append)
    for _ in range(2):
        session.emit("agent_state_changed", EVENT)
    return told


async def test_events_are_told_and_not_kept() -> None:
    session = new_session(None)
    assert tell(session) == [EVENT, EVENT]
    assert session._recorded_events == []


async def test_livekit_keeps_every_event_of_a_call() -> None:
    session: AgentSession[None] = AgentSession(userdata=None, vad=None)
    tell(session)
    assert session._recorded_events == [EVENT, EVENT]
