"""UserData: what every persona and tool of a call shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nova_agent.errors import InvalidTransition, NovaError
from nova_agent.reply import Expect, ToolReply
from nova_agent.userdata import TRANSITIONS, CallId, CallState, ProgressSlot, UserData


@pytest.fixture
def userdata() -> UserData:
    return UserData(
        call_id=CallId("c1"),
        started_at=datetime(2026, 5, 1, 23, 30, tzinfo=UTC),
        current_persona="survey",
        ctx=cast("Any", SimpleNamespace()),
        stores=cast("Any", SimpleNamespace()),
        clock=lambda: datetime(2026, 5, 1, 23, 30, tzinfo=UTC),
    )


def asking(label: str) -> ToolReply:
    return ToolReply(
        status="ok",
        say="How old are you?",
        expect=Expect(tool="t", arguments={"ask": label}, argument="answer", schema={"type": "integer"}),
    )


def test_a_turn_is_stamped_with_time_and_persona(userdata: UserData) -> None:
    turn = userdata.add_conversation_turn("user", "Hello.")
    assert (turn.at, turn.persona) == ("2026-05-01T23:30:00.000+00:00", "survey")


def test_recent_messages_are_the_last_ones_oldest_first(userdata: UserData) -> None:
    for word in ("one", "two", "three"):
        userdata.add_conversation_turn("user", word)
    assert [turn.text for turn in userdata.get_recent_messages(2)] == ["two", "three"]
    assert userdata.get_recent_messages(0) == []


def test_only_words_since_the_open_directive_count(userdata: UserData) -> None:
    userdata.add_conversation_turn("user", "Eight.")
    userdata.open_directive(asking("age:2"))
    assert userdata.heard() == ""
    userdata.add_conversation_turn("agent", "How old are you?")
    userdata.add_conversation_turn("user", "Um.")
    userdata.add_conversation_turn("user", "Forty.")
    assert userdata.heard() == "Um.\nForty."


def test_what_was_said_before_the_question_is_no_answer_to_it(userdata: UserData) -> None:
    userdata.open_directive(asking("age:2"))
    userdata.add_conversation_turn("user", "I forget what it's called.")
    assert userdata.heard() == ""
    userdata.agent_began_to_speak()
    userdata.add_conversation_turn("user", "Forty.")
    userdata.add_conversation_turn("agent", "How old")
    assert userdata.heard() == "Forty."


def test_words_that_fall_into_the_first_syllables_of_a_question_are_no_answer_to_it(userdata: UserData) -> None:
    userdata.open_directive(asking("age:2"))
    userdata.agent_began_to_speak()
    userdata.add_conversation_turn("agent", "Got", interrupted=True)
    userdata.add_conversation_turn("user", "I forget what it's called.")
    assert userdata.heard() == ""


def test_a_question_that_was_put_once_stays_put(userdata: UserData) -> None:
    userdata.open_directive(asking("age:2"))
    userdata.add_conversation_turn("agent", "How old are you?")
    userdata.add_conversation_turn("agent", "Sorry", interrupted=True)
    userdata.add_conversation_turn("user", "Forty.")
    assert userdata.heard() == "Forty."


@pytest.mark.parametrize(("ask", "expected"), [("age:2", True), (" Age:2 ", True), ("age:1", False), ("", False)])
def test_a_call_is_about_the_open_directive_only_by_its_label(userdata: UserData, ask: str, expected: bool) -> None:
    userdata.open_directive(asking("age:2"))
    assert userdata.is_about_open_directive(ask) is expected


def test_nothing_is_about_a_directive_that_asks_nothing(userdata: UserData) -> None:
    userdata.open_directive(ToolReply(status="done", say="Goodbye."))
    assert not userdata.is_about_open_directive("")


def test_the_state_survives_the_process_and_the_handles_do_not(userdata: UserData) -> None:
    userdata.open_directive(asking("age:1"))
    userdata.add_conversation_turn("user", "Forty.")
    userdata.transition_to("talking")
    userdata.shared_context["tier"] = "gold"

    kept = CallState.from_json(userdata.to_json())
    resumed = UserData.resume(kept, ctx=userdata.ctx, stores=userdata.stores)

    assert "stores" not in userdata.to_json()
    assert resumed.directive == userdata.directive
    assert resumed.conversation_history == userdata.conversation_history
    assert (resumed.state, resumed.state_history, resumed.shared_context) == ("talking", ["initial"], {"tier": "gold"})


def test_calls_share_no_collections() -> None:
    first, second = (CallState(call_id=CallId(i), started_at=datetime.now(UTC)) for i in "ab")
    first.tasks.append({"a": 1})
    assert second.tasks == []


@dataclass
class Progress:
    step: int = 0
    due: date | None = None


def test_private_progress_comes_back_typed_and_serialises(userdata: UserData) -> None:
    slot = ProgressSlot("tutor", Progress)
    assert slot.read(userdata) is None
    slot.write(userdata, Progress(step=3, due=date(2026, 5, 2)))
    assert slot.read(CallState.from_json(userdata.to_json())) == Progress(step=3, due=date(2026, 5, 2))


def test_an_undeclared_transition_names_both_states(userdata: UserData) -> None:
    userdata.transition_to("talking")
    userdata.transition_to("ended")
    with pytest.raises(InvalidTransition, match="'ended' to 'talking'"):
        userdata.transition_to("talking")


def test_every_state_can_reach_the_end() -> None:
    assert all("ended" in after or state == "ended" for state, after in TRANSITIONS.items())


def test_a_state_change_is_an_event(userdata: UserData) -> None:
    seen: list[tuple[str, dict[str, Any]]] = []
    userdata.on_event = lambda event, **fields: seen.append((event, fields))
    userdata.transition_to("talking")
    assert seen == [("state.changed", {"before": "initial", "after": "talking"})]


def test_today_is_the_callers_day_not_the_servers(userdata: UserData) -> None:
    userdata.caller.time_zone = "Asia/Tokyo"
    assert userdata.today() == date(2026, 5, 2)


def test_validation_names_what_is_missing(userdata: UserData) -> None:
    userdata.validate()
    userdata.current_persona = ""
    with pytest.raises(NovaError, match="current_persona"):
        userdata.validate()


def test_reset_forgets_the_conversation_and_keeps_the_caller(userdata: UserData) -> None:
    userdata.participant_identity = "+14155552671"
    userdata.add_conversation_turn("user", "Hello.")
    userdata.open_directive(asking("age:1"))
    userdata.reset()
    assert (userdata.conversation_history, userdata.directive) == ([], None)
    assert userdata.participant_identity == "+14155552671"
