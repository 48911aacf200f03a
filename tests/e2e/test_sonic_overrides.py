"""Each override of ``nova_agent/sonic`` against the defect it mends, shown on the stock plugin in the same way.

When a test fails because the stock plugin behaves, upstream has mended the defect and the override can go.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from livekit.agents import Agent, AgentSession, RunContext, function_tool, llm
from livekit.plugins.aws.experimental.realtime import realtime_model as plugin

from nova_agent.localsonic.brain.port import Action, Brain, CallTool, Conversation, Say, ToolReturned, UserSaid
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.switches import Switches
from nova_agent.simulate.line import Line
from nova_agent.sonic import RealtimeModel, SonicCredentials, SonicEndpoint
from nova_agent.sonic.limits import Limits
from tests.fakes.speech import speech
from tests.fakes.stock import StockModel

SPEED = 4.0
GREETING = "Hello. This is the second sentence. And this is the third one."


def our_model(endpoint: SonicEndpoint, credentials: SonicCredentials, limits: Limits | None = None) -> RealtimeModel:
    return RealtimeModel(
        model="amazon.nova-2-sonic-v1:0", voice="tiffany", endpoint=endpoint, credentials=credentials, limits=limits
    )


MODELS: dict[str, Callable[..., Any]] = {"ours": our_model, "stock": StockModel}


async def look_up() -> str:
    """Look it up."""
    return '{"city": "Paris"}'


class PoliteBrain:
    """Greets when typed to, and says what it heard."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        last = conversation.items[-1]
        assert isinstance(last, UserSaid)
        return [Say(GREETING if last.typed else f"I heard you. You said {last.text}")]


class LookingBrain:
    """Looks something up when typed to, and says what came of it."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        last = conversation.items[-1]
        if isinstance(last, ToolReturned):
            return [Say(f"I found {last.content}")]
        return [CallTool("look_up", {})]


class ImpatientBrain:
    """Tells a story, and looks something up when typed to once more, which interrupts it."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        last = conversation.items[-1]
        if isinstance(last, ToolReturned):
            return [Say(f"I found {last.content}")]
        assert isinstance(last, UserSaid)
        return [CallTool("look_up", {}) if last.text == "And Paris?" else Say(GREETING)]


class Talk:
    """One agent session on a line, and what the realtime session told the framework."""

    def __init__(self, session: AgentSession[None], line: Line, model: Any) -> None:
        self.session = session
        self.line = line
        self.model = model
        self.finals: list[str] = []
        self.announced = 0
        self.said: list[str] = []
        session.on("conversation_item_added", self._on_item)
        (realtime,) = model._sessions
        self.realtime: Any = realtime
        realtime.on("generation_created", self._on_generation)
        realtime.on("input_audio_transcription_completed", self._on_transcript)

    def _on_item(self, event: Any) -> None:
        if event.item.role == "assistant":
            self.said.append(event.item.text_content)

    def _on_generation(self, _: Any) -> None:
        self.announced += 1

    def _on_transcript(self, event: llm.InputTranscriptionCompleted) -> None:
        if event.is_final:
            self.finals.append(event.transcript)

    async def has(self, met: Callable[[], object], limit_s: float = 8) -> bool:
        """Whether it comes about in time."""
        try:
            await self.until(met, limit_s)
        except TimeoutError:
            return False
        return True

    async def until(self, met: Callable[[], object], limit_s: float = 20) -> None:
        async with asyncio.timeout(limit_s):
            while not met():
                await self.line.next_slot()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> SonicCredentials:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    return SonicCredentials()


@pytest.fixture
def talking(tmp_path: Path, credentials: SonicCredentials) -> Callable[..., Any]:
    """Make a running session on the named model."""

    @asynccontextmanager
    async def talk(
        name: str,
        *,
        brain: Callable[[], Brain] = PoliteBrain,
        agent: Mapping[str, Any] | None = None,
        speed: float = SPEED,
        **config: Any,
    ) -> AsyncIterator[Talk]:
        local = LocalSonicConfig(speed=speed, ca_dir=tmp_path, **config)
        async with LocalSonic(local, brain_factory=brain) as sonic:
            endpoint = SonicEndpoint(sonic.endpoint_url, "us-east-1", sonic.ca_bundle)
            model = MODELS[name](endpoint, credentials)
            session: AgentSession[None] = AgentSession(
                vad=None, turn_handling={"turn_detection": "realtime_llm"}, aec_warmup_duration=None
            )
            line = Line(speed=SPEED)
            session.input.audio, session.output.audio = line.input, line.output
            carrying = asyncio.create_task(line.run())
            try:
                await session.start(Agent(instructions="Be polite.", llm=model, **(agent or {})), record=False)
                yield Talk(session, line, model)
            finally:
                async with asyncio.timeout(20):
                    await session.aclose()
                line.hang_up()
                await carrying

    return talk


@pytest.mark.parametrize(("name", "speeches_played"), [("ours", 1), ("stock", 0)])
async def test_the_handle_of_a_reply_is_the_speech_that_is_played(
    talking: Any, name: str, speeches_played: int
) -> None:
    async with talking(name) as talk:
        handle = talk.session.generate_reply(instructions="Begin.")
        async with asyncio.timeout(20):
            await handle
        spoken = [item for item in handle.chat_items if item.type == "message" and item.text_content]
        assert len(spoken) == speeches_played


@pytest.mark.parametrize(("name", "times"), [("ours", 1), ("stock", 3)])
async def test_an_answer_is_announced_once(talking: Any, name: str, times: int) -> None:
    async with talking(name) as talk:
        talk.session.generate_reply(instructions="Begin.")
        await talk.until(lambda: talk.said)
        assert talk.announced >= times
        assert (talk.announced == 1) is (name == "ours")


@pytest.mark.parametrize(("name", "empty"), [("ours", 0), ("stock", 1)])
async def test_no_sentence_of_the_agent_closes_an_empty_turn_of_the_caller(talking: Any, name: str, empty: int) -> None:
    async with talking(name) as talk:
        talk.session.generate_reply(instructions="Begin.")
        await talk.until(lambda: talk.said)
        assert min(1, sum(not transcript for transcript in talk.finals)) == empty


@pytest.mark.parametrize(("name", "answered"), [("ours", True), ("stock", False)])
async def test_a_caller_who_speaks_first_is_answered(talking: Any, name: str, answered: bool) -> None:
    async with talking(name, switches=Switches(completion_start="speech")) as talk:
        await talk.until(lambda: talk.line.now_ms > 500)
        talk.line.say(await speech("Good morning, can you hear me?"), 16_000)
        assert await talk.has(lambda: talk.said) is answered


@pytest.mark.parametrize(("name", "ends"), [("ours", True), ("stock", False)])
async def test_a_reply_that_nothing_was_asked_for_ends(
    talking: Any, name: str, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(name) as talk:
        monkeypatch.setattr(talk.model, "_generate_reply_timeout", 0.2)
        reply = talk.realtime.generate_reply()
        done, _ = await asyncio.wait([reply], timeout=2)
        assert bool(done) is ends
        if ends:
            assert isinstance(reply.exception(), llm.RealtimeError)
        reply.cancel()


@pytest.mark.parametrize(("name", "goes_on"), [("ours", True), ("stock", False)])
async def test_a_call_goes_on_after_its_connection_was_cut(talking: Any, name: str, goes_on: bool) -> None:
    async with talking(name, faults=("tcp-cut@audio=1:100",)) as talk:
        talk.session.generate_reply(instructions="Begin.")
        await talk.until(lambda: talk.line.now_ms > 3_000)
        talk.line.say(await speech("Good morning, can you hear me?"), 16_000)
        assert await talk.has(lambda: any("good morning" in text.lower() for text in talk.said)) is goes_on


@pytest.mark.parametrize(("name", "answers"), [("ours", 2), ("stock", 0)])
async def test_a_tool_result_that_is_no_object_reaches_the_model(talking: Any, name: str, answers: int) -> None:
    async def look_up() -> str:
        """Look it up."""
        return '["Paris"]'

    async with talking(name, brain=LookingBrain, agent={"tools": [function_tool(look_up)]}) as talk:
        for number in (1, 2):
            talk.session.generate_reply(instructions="Look it up.")
            if not await talk.has(lambda number=number: sum("Paris" in text for text in talk.said) >= number):
                break
        assert sum("Paris" in text for text in talk.said) == answers


async def test_a_tool_runs_that_something_typed_leads_to(talking: Any) -> None:
    """The caller has heard the last answer, and the service thinks not: what is typed then interrupts it.

    Stock runs the tool in a speech that nobody waits for, and that is not interrupted.
    """
    async with talking("ours", brain=ImpatientBrain, agent={"tools": [function_tool(look_up)]}, speed=1.5) as talk:
        talk.session.generate_reply(instructions="Begin.")
        await talk.until(lambda: talk.said)
        talk.session.generate_reply(user_input="And Paris?")
        assert await talk.has(lambda: any("Paris" in text for text in talk.said))


@pytest.mark.parametrize(("name", "runs"), [("ours", True), ("stock", False)])
async def test_a_tool_runs_whose_speech_is_interrupted_before_it_begins(talking: Any, name: str, runs: bool) -> None:
    async with talking(name, brain=LookingBrain, agent={"tools": [function_tool(look_up)]}) as talk:
        if name == "ours":
            talk.model.attend(talk.session)
        talk.realtime.once("generation_created", lambda _: talk.session.interrupt())
        talk.session.generate_reply(instructions="Look it up.")
        assert await talk.has(lambda: any("Paris" in text for text in talk.said)) is runs


@pytest.mark.parametrize(("name", "reaches"), [("ours", True), ("stock", False)])
async def test_a_result_under_way_survives_a_change_of_tools(talking: Any, name: str, reaches: bool) -> None:
    tools: list[Any] = []

    async def look_up(context: RunContext[None]) -> str:
        """Look it up."""
        await context.session.current_agent.update_tools(tools)
        await asyncio.sleep(1)
        return '{"city": "Paris"}'

    async def look_away() -> str:
        """Look away."""
        return "{}"

    tools += [function_tool(look_up), function_tool(look_away)]
    async with talking(name, brain=LookingBrain, agent={"tools": tools[:1]}) as talk:
        talk.session.generate_reply(instructions="Look it up.")
        assert await talk.has(lambda: any("Paris" in text for text in talk.said)) is reaches


@pytest.mark.parametrize(("name", "times"), [("ours", 1), ("stock", 2)])
async def test_what_was_said_stands_in_the_history_once(talking: Any, name: str, times: int) -> None:
    """The FINAL texts come after the answer, and say it again."""
    async with talking(name) as talk:
        talk.session.generate_reply(instructions="Begin.")
        await talk.until(lambda: talk.said)
        started_ms = talk.line.now_ms
        await talk.until(lambda: talk.line.now_ms > started_ms + 2_000)
        told = " ".join(message.text_content or "" for message in talk.realtime.chat_ctx.messages())
        assert told.count("This is the second sentence.") == times


@pytest.mark.parametrize("name", ["ours", "stock"])
async def test_a_system_message_in_the_history_is_no_second_system_text(talking: Any, name: str) -> None:
    """Nova Sonic takes one. The framework's copy of the history leaves such messages out (1.8.9); ours does not hear of
    them either way."""
    history = llm.ChatContext.empty()
    history.add_message(role="user", content="Good morning.")
    history.add_message(role="assistant", content="Good morning to you.")
    history.add_message(role="system", content="Speak of the weather.")
    async with talking(name, agent={"chat_ctx": history}) as talk:
        talk.session.generate_reply(instructions="Begin.")
        assert await talk.has(lambda: talk.said)


@pytest.mark.parametrize(("name", "answered"), [("ours", True), ("stock", False)])
async def test_the_caller_is_heard_when_a_stream_has_become_too_old(
    talking: Any, name: str, answered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "MAX_SESSION_DURATION_SECONDS", 2)
    monkeypatch.setitem(MODELS, "ours", lambda *parts: our_model(*parts, limits=Limits(rotate_s=2.0, rotate_by_s=3.0)))
    async with talking(name) as talk:
        talk.session.generate_reply(instructions="Begin.")
        await talk.until(lambda: talk.said and talk.line.now_ms > 4_000 * SPEED)
        talk.line.say(await speech("Good morning, can you hear me?"), 16_000)
        assert await talk.has(lambda: any("good morning" in text.lower() for text in talk.said)) is answered


@pytest.mark.parametrize(("name", "on_the_loop"), [("ours", False), ("stock", True)])
async def test_credentials_are_not_resolved_on_the_event_loop(
    talking: Any, name: str, on_the_loop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop_thread = threading.get_ident()
    asked_by: list[int] = []

    def session() -> Any:
        asked_by.append(threading.get_ident())
        return real()

    real = boto3.Session
    monkeypatch.setattr(boto3, "Session", session)
    async with talking(name) as talk:
        await talk.until(talk.realtime._stream_ready.is_set)
    assert asked_by
    assert (loop_thread in asked_by) is on_the_loop


async def test_the_region_is_the_usual_one(monkeypatch: pytest.MonkeyPatch, credentials: SonicCredentials) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert SonicEndpoint.resolve() == SonicEndpoint("https://bedrock-runtime.eu-north-1.amazonaws.com", "eu-north-1")
    assert plugin.RealtimeModel()._opts.region == "us-east-1"


@pytest.mark.parametrize(("name", "reported"), [("ours", True), ("stock", False)])
async def test_a_stream_that_is_refused_is_an_error(
    tmp_path: Path, credentials: SonicCredentials, name: str, reported: bool
) -> None:
    async with LocalSonic(LocalSonicConfig(ca_dir=tmp_path), brain_factory=PoliteBrain) as sonic:
        model = MODELS[name](SonicEndpoint(sonic.endpoint_url, "us-east-1", sonic.ca_bundle), credentials)
        model._model = "amazon.no-such-sonic"
        session = model.session()
        errors: list[Any] = []
        session.on("error", errors.append)
        await session.update_instructions("Be polite.")
        async with asyncio.timeout(20):
            await session._main_atask
            await asyncio.wait([task for task in (session._main_atask, session._response_task) if task is not None])
        assert bool(errors) is reported
        session._main_atask.cancel()
        await session.aclose()
