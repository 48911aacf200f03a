"""What a caller types while the agent speaks is answered, also when the caller talks over the agent meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from livekit.agents import Agent, ConversationItemAddedEvent, llm

from nova_agent.localsonic.brain.port import Action, Conversation, Say, UserSaid
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.session import ANSWER_LIMIT_S, CallSession, new_session
from nova_agent.simulate.line import Line
from nova_agent.sonic import RealtimeModel, SonicCredentials, SonicEndpoint
from tests.fakes.loud_sonic import RATE_HZ, LoudEars, SilentMouth, utterance

SPEED = 4.0
LIMIT_S = 20.0
STORY = "This is a long story, which goes on for as long as it takes somebody to say a word over it. " * 3


class EchoingBrain:
    """Tells a story when asked to begin, and else says what it took the caller to have said."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        last = conversation.items[-1]
        assert isinstance(last, UserSaid)
        return [Say(STORY if last.text == "Begin." else f"You said: {last.text}")]


class Talk:
    """A session whose agent tells a story."""

    def __init__(self, session: CallSession[None], line: Line, new_model: Callable[[], RealtimeModel]) -> None:
        self.session = session
        self.new_model = new_model
        self.said: list[str] = []
        self._line = line
        session.on("conversation_item_added", self._on_item)

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, llm.ChatMessage) and event.item.role == "assistant":
            self.said.append(event.item.text_content or "")

    def say_over(self) -> None:
        """Say a number over the story."""
        self._line.say(utterance(7), RATE_HZ)

    async def talk_over(self) -> None:
        """Say a number over the story, and wait for the answer."""
        self.say_over()
        await self.has("You said: number 7")

    async def is_silenced(self) -> None:
        """Wait until the agent stops because the caller speaks."""
        await self.until(lambda: self.session.user_state == "speaking" and self.session.agent_state != "speaking")

    @property
    def typed(self) -> list[str | None]:
        """What the agent session has of the caller's words."""
        items = self.session.history.items
        return [item.text_content for item in items if item.type == "message" and item.role == "user"]

    async def is_answering(self, words: str) -> None:
        """Wait until the agent speaks after these words."""
        await self.until(lambda: words in self.typed and self.session.agent_state == "speaking")

    async def has(self, words: str) -> None:
        """Wait until the agent has said this."""
        await self.until(lambda: words in self.said)

    async def until(self, met: Callable[[], object]) -> None:
        """Wait until it comes about."""
        async with asyncio.timeout(LIMIT_S):
            while not met():
                await self._line.next_slot()

    async def answered(self) -> None:
        """Wait for twice the time that an answer takes."""
        for _ in range(200):
            await self._line.next_slot()


@pytest.fixture
async def talk(authority: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    async with _talk(authority) as talk:
        yield talk


@asynccontextmanager
async def _talk(authority: Path) -> AsyncIterator[Talk]:
    local = LocalSonicConfig(speed=SPEED, ca_dir=authority)
    async with LocalSonic(local, ears=LoudEars(), mouth=SilentMouth(), brain_factory=EchoingBrain) as sonic:
        endpoint = SonicEndpoint(sonic.endpoint_url, "us-east-1", sonic.ca_bundle)
        new_model = partial(
            RealtimeModel,
            model="amazon.nova-2-sonic-v1:0",
            voice="tiffany",
            endpoint=endpoint,
            credentials=SonicCredentials(),
        )
        session = new_session(None)
        line = Line(speed=SPEED)
        speaks = asyncio.Event()
        line.on_agent_audio(lambda _: speaks.set())
        session.input.audio, session.output.audio = line.input, line.output
        carrying = asyncio.create_task(line.run())
        try:
            async with asyncio.timeout(LIMIT_S):
                await session.start(Agent(instructions="Tell a story.", llm=new_model()), record=False)
                session.generate_reply(instructions="Begin.")
                await speaks.wait()
            yield Talk(session, line, new_model)
        finally:
            async with asyncio.timeout(LIMIT_S):
                await session.aclose()
            line.hang_up()
            await carrying


async def test_words_typed_while_the_agent_speaks_outlive_being_talked_over(talk: Talk) -> None:
    typing = asyncio.create_task(talk.session.take_typed("Ann."))
    await talk.talk_over()
    await talk.has("You said: Ann.")
    await typing
    assert talk.said.count("You said: Ann.") == 1


async def test_livekit_lets_such_words_fall(talk: Talk) -> None:
    typing = talk.session.generate_reply(user_input="Ann.")
    await talk.talk_over()
    await talk.answered()
    assert typing.interrupted
    assert "You said: Ann." not in talk.said


async def test_the_same_words_typed_twice_are_two_turns(talk: Talk) -> None:
    async with asyncio.timeout(LIMIT_S):
        await talk.session.interrupt()
    typing = [asyncio.create_task(talk.session.take_typed("Begin.")) for _ in range(2)]
    await talk.is_answering("Begin.")
    await talk.talk_over()
    await talk.until(lambda: talk.typed.count("Begin.") == 2)
    for typed in typing:
        typed.cancel()


async def test_words_typed_while_another_agent_takes_over_are_for_that_one(talk: Talk) -> None:
    talk.session.update_agent(Agent(instructions="Listen.", llm=talk.new_model()))
    await talk.until(lambda: talk.session._next_activity)
    async with asyncio.timeout(LIMIT_S):
        await talk.session.take_typed("Ann.")
    await talk.has("You said: Ann.")
    assert talk.typed.count("Ann.") == 1
    assert talk.session.current_agent.instructions == "Listen."


async def test_words_that_wait_when_the_session_ends_are_not_typed_any_more(talk: Talk) -> None:
    typing = [asyncio.create_task(talk.session.take_typed(words)) for words in ("Ann.", "Bob.")]
    await asyncio.sleep(0)
    async with asyncio.timeout(LIMIT_S):
        await talk.session.aclose()
        await asyncio.gather(*typing)
    assert {"Ann.", "Bob."}.isdisjoint(talk.typed)


async def test_who_types_to_a_session_that_is_over_is_told(talk: Talk) -> None:
    async with asyncio.timeout(LIMIT_S):
        await talk.session.aclose()
    with pytest.raises(RuntimeError, match="isn't running"):
        await talk.session.take_typed("Ann.")


async def test_who_types_is_not_kept_when_the_session_ends_instead_of_an_answer(talk: Talk) -> None:
    typing = asyncio.create_task(talk.session.take_typed("Ann."))
    talk.say_over()
    await talk.is_silenced()
    async with asyncio.timeout(LIMIT_S):
        await talk.session.aclose()
    async with asyncio.timeout(ANSWER_LIMIT_S / 2):
        await typing
    assert "Ann." not in talk.typed


async def test_words_whose_answer_is_talked_over_are_not_typed_twice(talk: Talk) -> None:
    async with asyncio.timeout(LIMIT_S):
        await talk.session.interrupt()
    typing = asyncio.create_task(talk.session.take_typed("Begin."))
    await talk.is_answering("Begin.")
    await talk.talk_over()
    await typing
    assert talk.typed.count("Begin.") == 1
