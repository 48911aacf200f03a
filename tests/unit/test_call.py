"""What crosses from one persona to the next."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nova_agent.call import HISTORY_ACROSS_HANDOFF, spoken_history
from nova_agent.userdata import CallId, UserData


@pytest.fixture
def userdata() -> UserData:
    return UserData(
        call_id=CallId("c"),
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        ctx=cast("Any", SimpleNamespace()),
        stores=cast("Any", SimpleNamespace()),
    )


def test_history_begins_with_the_caller_as_the_protocol_demands(userdata: UserData) -> None:
    userdata.add_conversation_turn("agent", "Hello, what can I do for you?")
    userdata.add_conversation_turn("user", "Billing, please.")
    userdata.add_conversation_turn("agent", "One moment.")
    history = [(item.role, item.text_content) for item in spoken_history(userdata).messages()]
    assert history == [("user", "Billing, please."), ("assistant", "One moment.")]


def test_history_is_bounded(userdata: UserData) -> None:
    for number in range(50):
        userdata.add_conversation_turn("user", f"{number}")
    items = spoken_history(userdata).items
    assert len(items) == HISTORY_ACROSS_HANDOFF
    assert items[-1].type == "message"


def test_a_call_in_which_only_the_agent_spoke_has_no_history(userdata: UserData) -> None:
    userdata.add_conversation_turn("agent", "Hello?")
    assert spoken_history(userdata).items == []
