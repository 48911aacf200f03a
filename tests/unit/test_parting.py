"""Last words are played before a call ends, but nobody waits for them for ever."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from livekit.agents.voice.speech_handle import SpeechHandle

from nova_agent.parting import LastWords


class Speech:
    """A speech that is over when the test says so."""

    def __init__(self, *, interrupted: bool = False) -> None:
        self.interrupted = interrupted
        self.over = asyncio.Event()

    async def wait_for_playout(self) -> None:
        await self.over.wait()


def speaking(words: LastWords, speech: Speech) -> Speech:
    words.speech_created(cast("SpeechHandle", speech))
    return speech


@pytest.fixture
async def words() -> LastWords:
    expected = LastWords(start_limit_s=0.5, limit_s=5)
    expected.expect()
    return expected


async def settled(task: asyncio.Task[Any]) -> bool:
    done, _ = await asyncio.wait([task], timeout=0.02)
    return bool(done)


async def test_the_farewell_is_played_to_its_end(words: LastWords) -> None:
    speech = speaking(words, Speech())
    waiting = asyncio.create_task(words.wait())
    assert not await settled(waiting)
    speech.over.set()
    await asyncio.wait_for(waiting, 1)


async def test_a_farewell_that_never_begins_is_not_waited_for(words: LastWords) -> None:
    await asyncio.wait_for(words.wait(), 1)


async def test_a_caller_who_interrupts_the_farewell_is_answered_first(words: LastWords) -> None:
    speaking(words, Speech(interrupted=True)).over.set()
    waiting = asyncio.create_task(words.wait())
    assert not await settled(waiting)
    answer = speaking(words, Speech())
    assert not await settled(waiting)
    answer.over.set()
    await asyncio.wait_for(waiting, 1)


async def test_a_farewell_without_end_is_cut() -> None:
    words = LastWords(start_limit_s=1, limit_s=0.05)
    words.expect()
    speaking(words, Speech())
    await asyncio.wait_for(words.wait(), 1)


async def test_speeches_before_the_last_words_do_not_count() -> None:
    words = LastWords(start_limit_s=0.5, limit_s=5)
    speaking(words, Speech())
    words.expect()
    await asyncio.wait_for(words.wait(), 1)


async def test_each_speech_that_may_be_the_last_and_each_interruption_is_told(words: LastWords) -> None:
    told: list[str] = []
    speaking(words, Speech(interrupted=True)).over.set()
    waiting = asyncio.create_task(
        words.wait(begun=lambda: told.append("begun"), interrupted=lambda: told.append("interrupted"))
    )
    assert not await settled(waiting)
    assert told == ["begun", "interrupted"]
    speaking(words, Speech()).over.set()
    await asyncio.wait_for(waiting, 1)
    assert told == ["begun", "interrupted", "begun"]
