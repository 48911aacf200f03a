"""What crosses from one persona to the next, and how the next one is made ready while the other still speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import llm

from nova_agent.errors import NovaError
from nova_agent.handoff import HISTORY_ACROSS_HANDOFF, NextPersona, Ready, open_persona, spoken_history
from nova_agent.reply import ToolReply
from nova_agent.sonic import RealtimeModel
from nova_agent.userdata import CallId, UserData
from tests.fakes.conversation import unconnected_model
from tests.fakes.personas import Billing, TwoPersonas

ANNOUNCEMENT = "One moment, I will connect you with our billing team."


@pytest.fixture
def userdata() -> UserData:
    return UserData(
        call_id=CallId("c"),
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        current_persona="front_desk",
        ctx=cast("Any", SimpleNamespace()),
        stores=cast("Any", SimpleNamespace()),
    )


def history_of(context: llm.ChatContext) -> list[tuple[str, str | None]]:
    return [(item.role, item.text_content) for item in context.messages()]


def test_history_begins_with_the_caller_as_the_protocol_demands(userdata: UserData) -> None:
    userdata.add_conversation_turn("agent", "Hello, what can I do for you?")
    userdata.add_conversation_turn("user", "Billing, please.")
    userdata.add_conversation_turn("agent", "One moment.")
    assert history_of(spoken_history(userdata)) == [("user", "Billing, please."), ("assistant", "One moment.")]


def test_history_is_bounded(userdata: UserData) -> None:
    for number in range(50):
        userdata.add_conversation_turn("user", f"{number}")
    items = spoken_history(userdata).items
    assert len(items) == HISTORY_ACROSS_HANDOFF
    assert items[-1].type == "message"


def test_a_call_in_which_only_the_agent_spoke_has_no_history(userdata: UserData) -> None:
    userdata.add_conversation_turn("agent", "Hello?")
    assert spoken_history(userdata, announcement=ANNOUNCEMENT).items == []


def test_what_is_being_announced_belongs_to_the_history(userdata: UserData) -> None:
    userdata.add_conversation_turn("user", "Billing, please.")
    history = history_of(spoken_history(userdata, announcement=ANNOUNCEMENT))
    assert history == [("user", "Billing, please."), ("assistant", ANNOUNCEMENT)]


async def test_an_opening_changes_nothing_before_the_persona_takes_over(userdata: UserData) -> None:
    told: list[str] = []
    userdata.on_event = lambda event, **_: told.append(event)
    userdata.open_directive(ToolReply(status="done", say=ANNOUNCEMENT))
    before = userdata.to_json()
    opened = await open_persona("billing", Billing, userdata)
    opened.userdata.on_event("survey.started")
    assert (userdata.to_json(), told) == (before, [])
    opened.take_over(userdata)
    assert userdata.current_persona == "billing"
    assert userdata.shared_context["previous_agent"] == "front_desk"
    assert userdata.private_progress == {"billing": 1}
    assert userdata.directive is not None
    assert userdata.directive.label == "billing:1"
    assert told == ["survey.started"]


async def test_what_the_call_did_meanwhile_stays(userdata: UserData) -> None:
    opened = await open_persona("billing", Billing, userdata)
    userdata.add_conversation_turn("agent", ANNOUNCEMENT)
    userdata.tasks.append({"number": 1})
    opened.take_over(userdata)
    assert [turn.text for turn in userdata.conversation_history] == [ANNOUNCEMENT]
    assert userdata.tasks == [{"number": 1}]


async def test_a_persona_that_does_not_open_is_not_waited_for(
    userdata: UserData, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Billing):
        @classmethod
        async def opening(cls, userdata: UserData) -> ToolReply:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("nova_agent.handoff.OPENING_LIMIT_S", 0.01)
    with pytest.raises(NovaError, match="billing"):
        await open_persona("billing", Slow, userdata)


class FakeModel(RealtimeModel):
    """Prepares nothing, and remembers what it was asked."""

    failing = False

    def __init__(self) -> None:
        vars(self).update(vars(unconnected_model()))
        self.history: list[tuple[str, str | None]] = []
        self.is_open = False
        self.is_closed = False

    async def prepare(self, *, chat_ctx: llm.ChatContext, **_: Any) -> None:
        if self.failing:
            raise ConnectionError("no")
        self.history = history_of(chat_ctx)
        self.is_open = True

    @property
    def is_prepared(self) -> bool:
        return self.is_open

    def discard(self) -> None:
        self.is_open = False

    async def aclose(self) -> None:
        self.discard()
        self.is_closed = True


class Wings(NextPersona):
    """The next persona of a call, over fake models."""

    def __init__(self) -> None:
        self.made: list[FakeModel] = []
        super().__init__(kind_of=TwoPersonas().get, new_model=self._fake)

    def _fake(self, _name: str, _userdata: UserData) -> RealtimeModel:
        self.made.append(FakeModel())
        return self.made[-1]

    async def announce(self, userdata: UserData) -> FakeModel:
        """Prepare the billing persona, and return its model when that is done."""
        self.prepare("billing", userdata)
        if self._tasks:
            await asyncio.wait(self._tasks)
        return self.made[-1]


@pytest.fixture
def wings(userdata: UserData) -> Wings:
    userdata.add_conversation_turn("user", "Billing, please.")
    userdata.open_directive(ToolReply(status="done", say=ANNOUNCEMENT))
    return Wings()


async def test_the_next_persona_is_ready_when_the_announcement_is_over(wings: Wings, userdata: UserData) -> None:
    model = await wings.announce(userdata)
    userdata.add_conversation_turn("agent", ANNOUNCEMENT)
    ready = await wings.take("billing", userdata)
    assert isinstance(ready, Ready)
    assert ready.model is model
    assert model.is_open
    assert model.history == [("user", "Billing, please."), ("assistant", ANNOUNCEMENT)]
    assert history_of(cast("llm.ChatContext", ready.persona.chat_ctx)) == model.history


async def test_announcing_again_what_is_still_right_prepares_nothing_new(wings: Wings, userdata: UserData) -> None:
    await wings.announce(userdata)
    await wings.announce(userdata)
    assert len(wings.made) == 1


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda userdata: userdata.add_conversation_turn("user", "No, wait."),
        lambda userdata: userdata.tasks.append({"number": 1}),
        lambda userdata: userdata.shared_context.update(person_requested=True),
    ],
    ids=["the caller said something", "a task was noted", "a person was asked for"],
)
async def test_what_is_out_of_date_is_thrown_away(
    wings: Wings, userdata: UserData, meanwhile: Callable[[UserData], None]
) -> None:
    model = await wings.announce(userdata)
    meanwhile(userdata)
    assert await wings.take("billing", userdata) is None
    assert not model.is_open


async def test_what_is_out_of_date_is_prepared_anew(wings: Wings, userdata: UserData) -> None:
    first = await wings.announce(userdata)
    userdata.add_conversation_turn("user", "Number twelve.")
    second = await wings.announce(userdata)
    assert (first.is_open, second.is_open) == (False, True)
    assert [text for role, text in second.history if role == "user"] == ["Billing, please.", "Number twelve."]


async def test_an_opening_is_made_once_though_the_caller_interrupts(
    wings: Wings, userdata: UserData, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    opening = Billing.opening

    async def counted(userdata: UserData) -> ToolReply:
        made.append(userdata.current_persona)
        return await opening(userdata)

    monkeypatch.setattr(Billing, "opening", counted)
    await wings.announce(userdata)
    wings.discard()
    await wings.announce(userdata)
    userdata.add_conversation_turn("user", "Yes, please.")
    await wings.announce(userdata)
    assert await wings.take("billing", userdata) is not None
    assert made == ["billing"]


async def test_another_persona_than_the_announced_one_begins_without_a_stream(wings: Wings, userdata: UserData) -> None:
    model = await wings.announce(userdata)
    assert await wings.take("front_desk", userdata) is None
    assert not model.is_open


async def test_a_persona_that_could_not_be_prepared_takes_over_all_the_same(
    wings: Wings, userdata: UserData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeModel, "failing", True)
    await wings.announce(userdata)
    assert await wings.take("billing", userdata) is None
    ready = await wings.now("billing", userdata)
    ready.take_over(userdata)
    assert (userdata.current_persona, userdata.personas["billing"]) == ("billing", ready.persona)


async def test_a_stream_that_failed_meanwhile_is_not_counted_on(wings: Wings, userdata: UserData) -> None:
    (await wings.announce(userdata)).is_open = False
    assert await wings.take("billing", userdata) is None


async def test_nothing_is_left_when_the_call_ends_during_the_announcement(wings: Wings, userdata: UserData) -> None:
    model = await wings.announce(userdata)
    wings.prepare("front_desk", userdata)
    await wings.aclose()
    assert not model.is_open
    assert model.is_closed
    assert not wings._tasks


async def test_later_streams_are_told_how_things_stand_then(wings: Wings, userdata: UserData) -> None:
    await wings.announce(userdata)
    ready = await wings.take("billing", userdata)
    assert ready is not None
    assert ready.model.system_now is not None
    ahead = ready.model.system_now()
    ready.take_over(userdata)
    userdata.open_directive(ToolReply(status="ok", say="And the date?"))
    assert "Which invoice" in ahead
    assert "And the date?" in ready.model.system_now()
