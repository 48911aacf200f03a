"""A caller whom no model can answer hears why, and is not left in silence; the record says what went wrong."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import AnyHttpUrl

from nova_agent.bootstrap import App, open_app
from nova_agent.call import Call, CallRequest
from nova_agent.errors import NovaError
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.lost import LostPlan
from nova_agent.messages import load_messages
from nova_agent.reply import ASK_AGAIN_SENTENCE
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import AgentAudio, Line
from nova_agent.sonic import conductor
from nova_agent.sonic.backoff import Backoff
from settings import load
from tests.fakes.loud_sonic import LoudEars, SilentMouth
from tests.fakes.personas import TwoPersonas

SPEED = 4.0
LIMIT_S = 40.0
MESSAGES = load_messages()


@dataclass
class Caller:
    """Who calls, what they hear, and what the record has."""

    app: App
    sonic: LocalSonic
    plan: LostPlan
    began_at: float = 0.0
    first_sound_s: float | None = None
    heard: bytearray = field(default_factory=bytearray)
    lines: list[dict[str, Any]] = field(default_factory=list)
    end_reason: str | None = None

    async def call(self, during: Callable[[Call, dict[str, Any]], None] = lambda _call, _event: None) -> None:
        """Hold a call to its end; ``during`` gets every event of its record."""
        ready = replace(self.app, registry=TwoPersonas(), strict_records=True)
        parts = replace(ready._parts(), lost=self.plan)
        call = Call(CallRequest(persona="front_desk"), parts)
        call.record.subscribe(lambda event: during(call, event))
        line = Line(speed=SPEED)
        line.on_agent_audio(self._hear)
        carrying = asyncio.create_task(line.run())
        self.began_at = time.monotonic()
        try:
            async with asyncio.timeout(LIMIT_S):
                self.end_reason = (await place_call(call, line)).end_reason
        finally:
            line.hang_up()
            await carrying
            self.lines = [json.loads(text) for text in call.record.path.read_text().splitlines()]

    def messages(self) -> list[tuple[str, str]]:
        """The messages that the record has, each with its cause."""
        return [(line["message"], line["cause"]) for line in self.lines if line["event"] == "call.message_played"]

    def heard_whole(self, name: str) -> bool:
        """Whether a message came over the line from its first to its last sample."""
        return MESSAGES[name].pcm in bytes(self.heard)  # type: ignore[index]  # a name of a message

    def typed(self) -> list[str]:
        """All that was typed to the model, on whatever stream."""
        return [typed.text for stream in self.sonic.ledger.streams for typed in stream.typed]

    @property
    def summary(self) -> dict[str, Any]:
        assert self.lines[-1]["event"] == "call.ended"
        summary: dict[str, Any] = self.lines[-1]["summary"]
        return summary

    def _hear(self, audio: AgentAudio) -> None:
        if self.first_sound_s is None:
            self.first_sound_s = time.monotonic() - self.began_at
        self.heard += audio.pcm.tobytes()


Calling = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def calling(tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch) -> Calling:
    """A caller, and an endpoint with these faults; settings by group."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    base = load()

    @asynccontextmanager
    async def ready(*faults: str, plan: LostPlan | None = None, **sonic_settings: Any) -> AsyncIterator[Caller]:
        config = LocalSonicConfig(ca_dir=authority, faults=faults, speed=SPEED)
        async with LocalSonic(config, ears=LoudEars(), mouth=SilentMouth()) as sonic:
            there = {"endpoint_url": AnyHttpUrl(sonic.endpoint_url), "ca_bundle": sonic.ca_bundle, **sonic_settings}
            settings = base.model_copy(
                update={
                    "sonic": base.sonic.model_copy(update=there),
                    "store": base.store.model_copy(update={"url": f"sqlite+aiosqlite:///{tmp_path}/nova.db"}),
                    "record": base.record.model_copy(update={"directory": tmp_path / "calls"}),
                }
            )
            async with open_app(settings) as app:
                yield Caller(app, sonic, plan or LostPlan())

    return ready


async def test_access_denied_is_an_apology_and_a_reason(calling: Calling) -> None:
    async with calling("http-403:AccessDeniedException@open,for=600") as caller:
        await caller.call()
        row = await caller.app.stores.calls.get(caller.lines[0]["call_id"])
    assert caller.heard_whole("apology")
    assert caller.messages() == [("apology", "access-denied")]
    assert (caller.summary["end_reason"], caller.summary["cause"]) == ("sonic-failed", "access-denied")
    assert caller.end_reason == row.end_reason == "sonic-failed"


async def test_a_region_that_goes_down_in_mid_call_is_a_wait_and_then_an_apology(
    calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conductor, "Backoff", partial(Backoff, budget_s=4.0))
    typing = set[asyncio.Task[None]]()

    def break_down(call: Call, event: dict[str, Any]) -> None:
        if event["event"] == "turn.agent":
            caller.sonic.faults.add("refused@connect,for=600")
            caller.sonic.faults.add("tcp-cut@now")
            typing.add(asyncio.create_task(call.type_text("Ann.")))

    async with calling(plan=LostPlan(wait_after_s=0.5, wait_again_s=0.5)) as caller:
        await caller.call(break_down)
        await asyncio.gather(*typing, return_exceptions=True)
    assert caller.messages()[0][0] == "wait"
    assert caller.messages()[-1] == ("apology", "unreachable")
    assert caller.heard_whole("wait")
    assert bytes(caller.heard).endswith(MESSAGES["apology"].pcm)
    assert caller.summary["cause"] == "unreachable"


async def test_an_answer_that_comes_while_the_caller_is_asked_to_wait_is_heard_behind_it(calling: Calling) -> None:
    plan = LostPlan(wait_after_s=0.1)
    said = list[str]()

    def hang_up_afterwards(call: Call, event: dict[str, Any]) -> None:
        if event["event"] == "turn.agent":
            said.append(event["text"])
            call.hang_up("enough")

    async with calling("slow-headers:1@open", plan=plan) as caller:
        await caller.call(hang_up_afterwards)
    assert caller.messages() == [("wait", "start")]
    assert bytes(caller.heard).startswith(MESSAGES["wait"].pcm)
    assert said == ["Front desk here. What is your name?"]
    assert (caller.summary["end_reason"], caller.summary["cause"]) == ("enough", None)


async def test_a_call_beyond_the_quota_hears_at_once_that_all_lines_are_busy(calling: Calling, tmp_path: Path) -> None:
    async with calling(max_streams=1, streams_directory=tmp_path / "streams") as caller:
        place = caller.app.quotas.of(caller.app.endpoint.region).acquire()
        await caller.call()
        assert place is not None
        place.release()
    assert caller.heard_whole("busy")
    assert caller.messages() == [("busy", "too-many-streams")]
    assert (caller.summary["end_reason"], caller.summary["cause"]) == ("busy", "too-many-streams")
    played = next(line for line in caller.lines if line["event"] == "call.message_played")
    begun_ms = played["t_ms"] - played["ms"] / SPEED
    assert begun_ms < 2_000, "nothing is waited for before the message"


async def test_a_caller_who_cannot_be_transferred_is_hung_up_on(calling: Calling) -> None:
    plan = LostPlan(when="transfer", transfer_to="tel:+14155550100")
    async with calling("http-403:AccessDeniedException@open,for=600", plan=plan) as caller:
        await caller.call()
    transferred = next(line for line in caller.lines if line["event"] == "call.transferred")
    assert transferred | {"ok": False, "to": "tel:‹phone›", "error_code": "no-sip-participant"} == transferred
    assert caller.heard_whole("apology")
    assert caller.end_reason == "sonic-failed"


async def test_without_credentials_the_caller_hears_an_apology_and_the_operator_what_to_do(
    calling: Calling, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    complaints = list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    async with calling() as caller:
        with pytest.raises(NovaError, match="there are no AWS credentials"):
            await caller.call()
    gc.collect()
    assert complaints == []
    assert caller.heard_whole("apology")
    assert caller.messages() == [("apology", "no-credentials")]
    assert (caller.summary["end_reason"], caller.summary["cause"]) == ("sonic-failed", "no-credentials")


async def test_a_model_that_falls_silent_for_good_is_asked_to_speak_and_then_given_up(calling: Calling) -> None:
    typing = set[asyncio.Task[None]]()

    def fall_silent(call: Call, event: dict[str, Any]) -> None:
        if event["event"] == "turn.agent" and not typing:
            caller.sonic.faults.add("mute@turn,for=600")
            typing.add(asyncio.create_task(call.type_text("Ann.")))

    async with calling(plan=LostPlan(reply_s=3.0)) as caller:
        await caller.call(fall_silent)
        await asyncio.gather(*typing, return_exceptions=True)
    assert ASK_AGAIN_SENTENCE in caller.typed()
    assert caller.messages()[-1] == ("apology", "no-answer")
    assert caller.heard_whole("apology")
    assert (caller.summary["end_reason"], caller.summary["cause"]) == ("no-answer", "no-answer")


async def test_a_model_that_speaks_when_it_is_asked_to_goes_on_with_the_call(calling: Calling) -> None:
    typing = set[asyncio.Task[None]]()

    def fall_silent_twice(call: Call, event: dict[str, Any]) -> None:
        if event["event"] == "turn.agent" and typing:
            call.hang_up("enough")
        elif event["event"] == "turn.agent":
            caller.sonic.faults.add("mute@turn,times=2")
            typing.add(asyncio.create_task(call.type_text("Ann.")))

    async with calling(plan=LostPlan(reply_s=5.0)) as caller:
        await caller.call(fall_silent_twice)
        await asyncio.gather(*typing, return_exceptions=True)
    assert ASK_AGAIN_SENTENCE in caller.typed()
    assert ("apology", "no-answer") not in caller.messages()
    assert caller.summary["end_reason"] == "enough"
