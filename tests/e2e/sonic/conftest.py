"""A conductor over the real SDK and Local Sonic: a caller who counts, in real time, and what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.ledger import number_audio
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.switches import Switches
from nova_agent.sonic import Regions, SonicCredentials, SonicEndpoint, StreamQuotas
from nova_agent.sonic.conductor import Conductor
from nova_agent.sonic.connector import SessionConnector
from nova_agent.sonic.failures import Failure
from nova_agent.sonic.limits import Limits
from nova_agent.sonic.stream import SonicStream
from tests.fakes.loud_sonic import RATE_HZ, CountingBrain, LoudEars, SilentMouth, utterance

CHUNK_SAMPLES = 512
ANSWER_LIMIT_S = 15.0
TOOLS = {"tools": [{"toolSpec": {"name": "look_up", "description": "Look up.", "inputSchema": {"json": "{}"}}}]}


class Caller:
    """Speaks numbers into a conductor and keeps what comes back."""

    def __init__(self, sonic: LocalSonic, endpoints: list[SonicEndpoint], limits: Limits, quotas: StreamQuotas) -> None:
        self.sonic = sonic
        self.said: list[str] = []
        self.heard: list[str] = []
        self.tools: list[str] = []
        self.happened: list[tuple[str, dict[str, Any]]] = []
        self.gave_up: list[Failure] = []
        self._speech = bytearray()
        self._samples = 0
        self._answered = asyncio.Event()
        self._results: set[asyncio.Task[None]] = set()
        connector = SessionConnector(
            regions=Regions(endpoints),
            quotas=quotas,
            credentials=SonicCredentials(),
            model_id="amazon.nova-2-sonic-v1:0",
            opening=_opening,
            system=lambda: "You count.",
        )
        self.conductor = Conductor(
            connector,
            deliver=self._deliver,
            recovering=lambda: None,
            gave_up=self.gave_up.append,
            observer=lambda event, **fields: self.happened.append((event, fields)),
            limits=limits,
        )

    async def say(self, number: int, **shape: int) -> None:
        """Say a number and wait until its answer has been sent and played."""
        self._answered.clear()
        self._speech += utterance(number, **shape)
        async with asyncio.timeout(ANSWER_LIMIT_S):
            await self._answered.wait()
        await asyncio.sleep(1.0)

    def speak(self, pcm: bytes) -> None:
        """Put audio into the caller's mouth, to be said in real time."""
        self._speech += pcm

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until it has come about."""
        async with asyncio.timeout(ANSWER_LIMIT_S):
            while not met():  # noqa: ASYNC110 – looks at lists
                await asyncio.sleep(0.02)

    def names(self) -> list[str]:
        """What happened to streams, in order."""
        return [event for event, _ in self.happened]

    def answers(self) -> list[str]:
        """The first sentences of the answers, in order."""
        return [text for text in self.said if text.startswith("Answer")]

    async def talk(self) -> None:
        """Send in real time, for ever: what there is to say, else silence. Every sample carries its number."""
        began = time.monotonic()
        while True:
            size = CHUNK_SAMPLES * 2
            chunk = bytes(self._speech[:size]).ljust(size, b"\0")
            del self._speech[:size]
            self.conductor.push(number_audio(chunk, first=self._samples))
            self._samples += CHUNK_SAMPLES
            await asyncio.sleep(max(0.0, began + self._samples / RATE_HZ - time.monotonic()))

    async def _deliver(self, event: dict[str, Any]) -> None:
        ((name, body),) = event["event"].items()
        if name == "textOutput":
            (self.said if body["role"] == "ASSISTANT" else self.heard).append(body["content"])
        elif name == "toolUse":
            self.tools.append(json.loads(body["content"])["number"])
            task = asyncio.create_task(self.conductor.give_result(body["toolUseId"], '{"found": true}'))
            self._results.add(task)
            task.add_done_callback(self._results.discard)
        elif name == "contentEnd" and (body["type"], body["stopReason"]) == ("AUDIO", "END_TURN"):
            self._answered.set()


def _opening(stream: SonicStream) -> list[str]:
    return [
        stream.builder.create_session_start_event(),
        stream.builder.create_prompt_start_event("tiffany", 24_000, TOOLS),
    ]


@pytest.fixture
def call(
    tmp_path_factory: pytest.TempPathFactory, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AbstractAsyncContextManager[Caller]]:
    """Hold a call; give faults, limits, quotas, and addresses of endpoints to try before the healthy one."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")

    @asynccontextmanager
    async def hold(
        *faults: str,
        limits: Limits | None = None,
        before: tuple[str, ...] = (),
        quotas: StreamQuotas | None = None,
        switches: Switches | None = None,
    ) -> AsyncIterator[Caller]:
        config = LocalSonicConfig(ca_dir=authority, faults=faults, switches=switches or Switches())
        async with LocalSonic(config, brain_factory=CountingBrain, ears=LoudEars(), mouth=SilentMouth()) as sonic:
            others = [SonicEndpoint(url, "eu-north-1", sonic.ca_bundle) for url in before]
            endpoints = [*others, SonicEndpoint(sonic.endpoint_url, "us-east-1", sonic.ca_bundle)]
            caller = Caller(sonic, endpoints, limits or Limits(), quotas or StreamQuotas())
            running = [asyncio.create_task(caller.conductor.run()), asyncio.create_task(caller.talk())]
            try:
                yield caller
            finally:
                for task in running:
                    task.cancel()
                async with asyncio.timeout(15):
                    await asyncio.gather(*running, return_exceptions=True)

    return hold
