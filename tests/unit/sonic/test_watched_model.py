"""Who watches a model is told how its sessions fare, and deals with the end of one; else the framework is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit.agents import llm

from nova_agent.sonic.conductor import Conductor
from nova_agent.sonic.failures import FAILURES
from tests.fakes.conversation import unconnected_model


class Watcher:
    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.over = asyncio.Event()

    def without_stream(self, reason: str, *, owes: bool) -> None:
        self.told.append(("without", reason, owes))

    def with_stream(self) -> None:
        self.told.append(("with",))

    def gave_up(self, cause: str) -> None:
        self.told.append(("gave up", cause))
        self.over.set()


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


class Sessions:
    """Makes sessions whose conductor does what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._made: list[Any] = []

    def make(self, run: Any, watcher: Watcher | None) -> Any:
        self._monkeypatch.setattr(Conductor, "run", run)
        model = unconnected_model()
        model.watcher = watcher
        session = model.session()
        self._made.append(session)
        return session

    async def aclose(self) -> None:
        for session in self._made:
            await session.aclose()


@pytest.fixture
async def sessions(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sessions]:
    monkeypatch.setattr("nova_agent.sonic.session.DESCRIPTION_LIMIT_S", 0)
    made = Sessions(monkeypatch)
    yield made
    await made.aclose()


async def is_denied(conductor: Conductor) -> None:
    conductor._seeks("start", False)
    conductor._gave_up(FAILURES["access-denied"])


async def waits(_conductor: Conductor) -> None:
    await asyncio.Event().wait()


async def crashes(_conductor: Conductor) -> None:
    raise RuntimeError("a mistake of ours")


async def test_the_watcher_is_told_and_the_framework_is_not(sessions: Sessions, watcher: Watcher) -> None:
    errors = list[llm.RealtimeModelError]()
    session = sessions.make(is_denied, watcher)
    session.on("error", errors.append)
    await asyncio.wait_for(watcher.over.wait(), 5)
    assert watcher.told == [("without", "start", True), ("gave up", "access-denied")]
    assert session.failure == "access-denied"
    assert errors == []


async def test_without_a_watcher_the_framework_is_told(sessions: Sessions) -> None:
    told = asyncio.Event()
    errors = list[llm.RealtimeModelError]()
    session = sessions.make(is_denied, None)
    session.on("error", lambda error: (errors.append(error), told.set()))
    await asyncio.wait_for(told.wait(), 5)
    assert [error.recoverable for error in errors] == [False]
    assert "access-denied" in str(errors[0].error)


async def test_a_mistake_of_ours_is_the_end_of_a_session_and_not_silence(sessions: Sessions, watcher: Watcher) -> None:
    sessions.make(crashes, watcher)
    await asyncio.wait_for(watcher.over.wait(), 5)
    assert watcher.told == [("gave up", "unknown")]


async def test_a_session_that_is_made_ready_ahead_concerns_the_watcher_when_it_takes_over(
    sessions: Sessions, watcher: Watcher
) -> None:
    ready = asyncio.Event()

    async def serves(conductor: Conductor) -> None:
        conductor._seeks("start", False)
        conductor.serving.set()
        conductor._serves()
        ready.set()

    session = sessions.make(serves, watcher)
    await session.prepare(instructions="Ask.", chat_ctx=llm.ChatContext.empty(), tools=[], begin="Begin.")
    await asyncio.wait_for(ready.wait(), 5)
    assert watcher.told == []
    session.generate_reply(instructions="Begin.")
    assert watcher.told == [("without", "start", True), ("with",)]


async def test_a_session_that_fails_ahead_of_its_time_ends_no_call(sessions: Sessions, watcher: Watcher) -> None:
    over = asyncio.Event()

    async def fails(conductor: Conductor) -> None:
        conductor._seeks("start", False)
        conductor._gave_up(FAILURES["unreachable"])
        over.set()

    session = sessions.make(fails, watcher)
    await session.prepare(instructions="Ask.", chat_ctx=llm.ChatContext.empty(), tools=[], begin="Begin.")
    await asyncio.wait_for(over.wait(), 5)
    assert watcher.told == []


async def test_a_model_is_asked_instead_of_what_it_has_not_answered(sessions: Sessions, watcher: Watcher) -> None:
    session = sessions.make(waits, watcher)
    conductor: Conductor = session._conductor
    conductor.dialogue.unheard(0, 1.0)
    conductor.dialogue.recover(1.0)
    conductor.serving.set()
    session._realtime_model.ask("Could you say that again?")
    async with asyncio.timeout(2):
        await session._asking
    assert conductor.dialogue.open is not None
    assert conductor.dialogue.open.typed == "Could you say that again?"
