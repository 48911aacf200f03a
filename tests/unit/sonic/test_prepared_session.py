"""A session that is opened ahead of its persona: nothing of it is heard, asked twice, or left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from livekit.agents import function_tool, llm

from nova_agent.sonic import RealtimeModel, RealtimeSession
from nova_agent.sonic.connector import TooManyStreams
from nova_agent.sonic.history import Turn
from tests.fakes.conversation import unconnected_model
from tests.fakes.streams import FakeConnector, FakeStream

BEGIN = "Please begin."
DESCRIBED = "You are the next one."


@function_tool
async def look_up(number: str) -> str:
    """Look a number up.

    Args:
        number: which.
    """
    return number


class Ahead:
    """A model that has prepared a session over a fake connection."""

    def __init__(self, connector: FakeConnector) -> None:
        self.connector = connector
        self.events: list[tuple[str, Any]] = []
        self.model: RealtimeModel = unconnected_model()
        self.model.observer = lambda event, **fields: self.events.append((event, fields.get("reason")))
        self.history = llm.ChatContext.empty()
        self.history.add_message(role="user", content="Billing, please.")
        self.history.add_message(role="assistant", content="One moment.")

    async def prepare(self) -> None:
        await self.model.prepare(instructions=DESCRIBED, chat_ctx=self.history, tools=[look_up], begin=BEGIN)

    async def stream(self) -> FakeStream:
        """The stream, when the model has been asked to begin."""
        await until(lambda: self.connector.streams and self.connector.streams[-1].typed)
        return self.connector.streams[-1]

    async def take_over(self) -> tuple[RealtimeSession, asyncio.Future[llm.GenerationCreatedEvent]]:
        """What the framework does when the persona enters."""
        session = self.model.session()
        await session._update_session(instructions=DESCRIBED, chat_ctx=self.history.copy(), tools=[look_up])
        return session, session.generate_reply(instructions=BEGIN)


async def until(met: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not met():  # noqa: ASYNC110 – a condition of several parts
            await asyncio.sleep(0.005)


async def settle() -> None:
    """Let everything happen that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def said(reply: llm.GenerationCreatedEvent) -> list[str]:
    """The words of an answer."""
    async with asyncio.timeout(5):
        return [text async for message in reply.message_stream async for text in message.text_stream]


@pytest.fixture
async def ahead(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ahead]:
    connector = FakeConnector()

    def connect(*, system: Callable[[], str], **_: Any) -> FakeConnector:
        connector.system = system  # type: ignore[method-assign]
        return connector

    monkeypatch.setattr("nova_agent.sonic.session.SessionConnector", connect)
    prepared = Ahead(connector)
    yield prepared
    await prepared.model.aclose()


async def test_the_stream_is_told_everything_and_asked_to_begin_ahead(ahead: Ahead) -> None:
    await ahead.prepare()
    stream = await ahead.stream()
    assert stream.system == DESCRIBED
    assert stream.history == [Turn("USER", "Billing, please."), Turn("ASSISTANT", "One moment.")]
    assert stream.typed == [BEGIN]
    await until(lambda: stream.silence_samples)


async def test_the_answer_waits_for_the_persona_and_is_asked_for_once(ahead: Ahead) -> None:
    await ahead.prepare()
    stream = await ahead.stream()
    announced: list[llm.GenerationCreatedEvent] = []
    stream.answer("Billing here.")
    session = ahead.model._prepared
    assert session is not None
    session.on("generation_created", announced.append)
    await settle()
    assert announced == []
    taken, reply = await ahead.take_over()
    async with asyncio.timeout(5):
        heard = await reply
    assert taken is session
    assert announced == [heard]
    assert heard.user_initiated
    assert await said(heard) == ["Billing here."]
    assert stream.typed == [BEGIN]
    await taken.aclose()


async def test_an_answer_that_has_not_begun_is_waited_for(ahead: Ahead) -> None:
    await ahead.prepare()
    session, reply = await ahead.take_over()
    stream = await ahead.stream()
    await settle()
    assert not reply.done()
    stream.answer("Billing here.")
    async with asyncio.timeout(5):
        assert await said(await reply) == ["Billing here."]
    assert stream.typed == [BEGIN]
    await session.aclose()


async def test_a_session_that_has_taken_over_is_asked_like_any_other(ahead: Ahead) -> None:
    await ahead.prepare()
    stream = await ahead.stream()
    stream.answer("Billing here.")
    session, reply = await ahead.take_over()
    await said(await reply)
    again = session.generate_reply(instructions="Once more.")
    await until(lambda: len(stream.typed) == 2)
    stream.answer("Billing, I said.")
    assert await said(await again) == ["Billing, I said."]
    await session.aclose()


async def test_what_is_thrown_away_leaves_no_stream_and_the_next_session_is_new(ahead: Ahead) -> None:
    await ahead.prepare()
    stream = await ahead.stream()
    stream.answer("Billing here.")
    ahead.model.discard()
    await ahead.model.aclose()
    assert ahead.connector.released_streams == [stream]
    session, _ = await ahead.take_over()
    await until(lambda: len(ahead.connector.streams) == 2)
    await session.aclose()


@pytest.mark.parametrize("fails", ["no place", "died"])
async def test_a_stream_that_fails_ahead_is_given_up_without_another_try(ahead: Ahead, fails: str) -> None:
    if fails == "no place":
        ahead.connector.refuse = TooManyStreams("none left")
    await ahead.prepare()
    if fails == "died":
        (await ahead.stream()).die(age_s=1.0)
    await until(lambda: not ahead.model.is_prepared)
    await ahead.model.aclose()
    assert [event for event, _ in ahead.events if event == "sonic.stream_failed"] == ["sonic.stream_failed"]
    assert ahead.connector.released_streams == ahead.connector.streams


async def test_nobody_waits_for_the_close_of_a_persona_that_leaves(ahead: Ahead) -> None:
    await ahead.prepare()
    stream = await ahead.stream()
    stream.answer("Billing here.")
    session, reply = await ahead.take_over()
    await reply
    ahead.model.is_leaving = True
    await session.aclose()
    assert ahead.connector.released_streams == []
    await ahead.model.aclose()
    assert ahead.connector.released_streams == [stream]
