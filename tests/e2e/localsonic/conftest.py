"""A Nova Sonic client on the raw Python SDK, an echoing brain, and an endpoint with the real ears and mouth."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aws_sdk_bedrock_runtime.client import AsyncBedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import AsyncBedrockRuntimeConfig
from aws_sdk_bedrock_runtime.models import (
    BidirectionalInputPayloadPart,
    InvokeModelWithBidirectionalStreamInputChunk,
    InvokeModelWithBidirectionalStreamOperationInput,
)
from smithy_aws_core.identity import AWSCredentialsIdentity
from smithy_http.aio.crt import AWSCRTHTTPClient

from nova_agent.localsonic.brain.port import Action, Brain, CallTool, Conversation, Say, ToolReturned, UserSaid
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.mouth import HibariMouth
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.voices import PLAIN

Event = tuple[str, dict[str, Any]]
CHUNK_BYTES = 1024
SPEED = 2.0


class EchoBrain:
    """Repeats what it heard; "weather" calls two tools first; "story" is told at length."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        last = conversation.items[-1]
        if isinstance(last, ToolReturned):
            return [Say(f"It is {json.loads(last.content)['sky']} there.")]
        assert isinstance(last, UserSaid)
        if "weather" in last.text.lower():
            return [CallTool("look_up", {"city": "Paris"}), CallTool("look_up", {"city": "Rome"})]
        if "story" in last.text.lower():
            return [Say(" ".join(f"This is sentence number {n} of a long story that goes on." for n in range(1, 7)))]
        return [Say(f"You said the following. {last.text}")]


class _Credentials:
    async def get_identity(self, **_: Any) -> AWSCredentialsIdentity:
        return AWSCredentialsIdentity(access_key_id="local", secret_access_key="local")


class SonicClient:
    """One stream. Events that arrive are kept in order in ``events`` as (name, body)."""

    def __init__(self, stream: Any, transport: AWSCRTHTTPClient) -> None:
        self._stream = stream
        self._transport = transport
        self.prompt = str(uuid.uuid4())
        self.audio = str(uuid.uuid4())
        self.events: list[Event] = []
        self._news = asyncio.Condition()
        self.reader: asyncio.Task[None] | None = None

    async def send(self, name: str, **body: Any) -> None:
        await self.send_raw(json.dumps({"event": {name: body}}).encode())

    async def send_raw(self, raw: bytes) -> None:
        part = BidirectionalInputPayloadPart(bytes_=raw)
        await self._stream.input_stream.send(InvokeModelWithBidirectionalStreamInputChunk(value=part))

    async def open(self, tools: Sequence[str] = (), *, rate_hz: int = 24000) -> None:
        """Everything up to and with the open audio content."""
        await self.send("sessionStart", inferenceConfiguration={"maxTokens": 1024, "topP": 0.9, "temperature": 0.7})
        spec = [
            {"toolSpec": {"name": name, "description": name, "inputSchema": {"json": '{"type": "object"}'}}}
            for name in tools
        ]
        form = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1, "encoding": "base64"}
        await self.send(
            "promptStart",
            promptName=self.prompt,
            textOutputConfiguration={"mediaType": "text/plain"},
            audioOutputConfiguration={**form, "sampleRateHertz": rate_hz, "voiceId": "tiffany", "audioType": "SPEECH"},
            toolConfiguration={"tools": spec},
        )
        await self.text("SYSTEM", "You are helpful.", interactive=False)
        await self.send(
            "contentStart",
            promptName=self.prompt,
            contentName=self.audio,
            type="AUDIO",
            role="USER",
            interactive=True,
            audioInputConfiguration={**form, "sampleRateHertz": 16000, "audioType": "SPEECH"},
        )
        self.reader = asyncio.create_task(self._read())

    async def text(self, role: str, text: str, *, interactive: bool) -> None:
        name = str(uuid.uuid4())
        where = {"promptName": self.prompt, "contentName": name}
        await self.send("contentStart", **where, type="TEXT", role=role, interactive=interactive)
        await self.send("textInput", **where, content=text)
        await self.send("contentEnd", **where)

    async def tool_result(self, tool_use_id: str, result: dict[str, Any]) -> None:
        where = {"promptName": self.prompt, "contentName": str(uuid.uuid4())}
        form = {"toolUseId": tool_use_id, "type": "TEXT", "textInputConfiguration": {"mediaType": "text/plain"}}
        await self.send("contentStart", **where, type="TOOL", role="TOOL", toolResultInputConfiguration=form)
        await self.send("toolResult", **where, content=json.dumps(result))
        await self.send("contentEnd", **where)

    async def speak(self, pcm: bytes, *, silence_s: float = 1.0) -> None:
        """Send PCM s16le at 16 kHz and then silence, in 32 ms pieces at the endpoint's speed."""
        pcm += bytes(int(32000 * silence_s))
        for start in range(0, len(pcm), CHUNK_BYTES):
            content = base64.b64encode(pcm[start : start + CHUNK_BYTES]).decode()
            await self.send("audioInput", promptName=self.prompt, contentName=self.audio, content=content)
            await asyncio.sleep(0.032 / SPEED)

    async def close(self) -> None:
        """The ordinary end of a session."""
        await self.send("contentEnd", promptName=self.prompt, contentName=self.audio)
        await self.send("promptEnd", promptName=self.prompt)
        await self.send("sessionEnd")
        await self._stream.input_stream.close()

    async def receive_one(self) -> None:
        """Wait for the response and its first event; errors of either are raised."""
        async with asyncio.timeout(10):
            _, output = await self._stream.await_output()
            await output.receive()

    async def cut(self) -> None:
        """Leave without a word, as a killed process does."""
        await self._transport.close()

    async def until(self, condition: Callable[[list[Event]], bool], limit_s: float = 20.0) -> None:
        """Wait until the events fulfil the condition."""
        async with asyncio.timeout(limit_s), self._news:
            await self._news.wait_for(lambda: condition(self.events))

    async def until_happened(self, name: str, times: int = 1) -> None:
        await self.until(lambda events: sum(found == name for found, _ in events) >= times)

    async def until_answered(self, times: int = 1) -> None:
        """Wait for the end of that many answers: an AUDIO block that ends with END_TURN."""

        def ends(body: dict[str, Any]) -> bool:
            return (body["type"], body["stopReason"]) == ("AUDIO", "END_TURN")

        await self.until(lambda events: sum(name == "contentEnd" and ends(body) for name, body in events) >= times)

    def texts(self, role: str, stage: str) -> list[str]:
        """The texts of all blocks of that role and stage."""
        blocks = {
            body["contentId"]
            for body in self.named("contentStart")
            if body["role"] == role and stage in body.get("additionalModelFields", "")
        }
        return [body["content"] for body in self.named("textOutput") if body["contentId"] in blocks]

    def outline(self) -> list[str]:
        """The events' order in short, without audio and usage."""
        lines: list[str] = []
        open_block = 0
        for name, body in self.events:
            if name == "contentStart":
                stage = json.loads(body.get("additionalModelFields", "{}")).get("generationStage", "")
                open_block = len(lines)
                lines.append(" ".join(part for part in (body["type"], body["role"], stage) if part))
            elif name == "contentEnd":
                lines[open_block] += f" {body['stopReason']}"
            elif name not in ("audioOutput", "textOutput", "toolUse", "usageEvent"):
                lines.append(name)
        return lines

    def named(self, name: str) -> list[dict[str, Any]]:
        return [body for found, body in self.events if found == name]

    async def _read(self) -> None:
        _, output = await self._stream.await_output()
        while (event := await output.receive()) is not None:
            ((name, body),) = json.loads(event.value.bytes_)["event"].items()
            await self._note(name, body)
        await self._note("END_STREAM", {})

    async def _note(self, name: str, body: dict[str, Any]) -> None:
        async with self._news:
            self.events.append((name, body))
            self._news.notify_all()


@asynccontextmanager
async def _connect(sonic: LocalSonic, model_id: str = "amazon.nova-2-sonic-v1:0") -> AsyncIterator[SonicClient]:
    transport = AWSCRTHTTPClient()
    config = await AsyncBedrockRuntimeConfig.resolve(
        endpoint_uri=sonic.endpoint_url,
        region="us-east-1",
        aws_credentials_identity_resolver=_Credentials(),
        transport=transport,
    )
    client = AsyncBedrockRuntimeClient(config=config)
    stream = await client.invoke_model_with_bidirectional_stream(
        InvokeModelWithBidirectionalStreamOperationInput(model_id=model_id)
    )
    sonic_client = SonicClient(stream, transport)
    try:
        yield sonic_client
    finally:
        await transport.close()
        if sonic_client.reader is not None:
            # Not cancelled: the CRT complains about futures that are cancelled under it (awscrt 0.32).
            await asyncio.wait_for(asyncio.gather(sonic_client.reader, return_exceptions=True), 5)


@pytest.fixture
def connect() -> Callable[..., AbstractAsyncContextManager[SonicClient]]:
    """Open a stream; call with the endpoint and, if it matters, the model's id."""
    return _connect


@pytest.fixture
async def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Any]]:
    """Start an endpoint; call with a brain and settings."""
    async with AsyncExitStack() as stack:

        async def start(brain: Callable[[], Brain] = EchoBrain, **settings: Any) -> LocalSonic:
            config = LocalSonicConfig(ca_dir=tmp_path, **{"speed": SPEED, **settings})
            sonic = LocalSonic(config, brain_factory=brain)
            await stack.enter_async_context(sonic)
            monkeypatch.setenv("SSL_CERT_FILE", str(sonic.ca_bundle))
            return sonic

        yield start


@pytest.fixture
async def say() -> AsyncIterator[Callable[[str], Awaitable[bytes]]]:
    """Synthesise a caller: PCM s16le, mono, 16 kHz."""
    mouth = HibariMouth()
    await mouth.load()
    yield partial(mouth.speak, voice=PLAIN, rate_hz=16000)
    await mouth.aclose()
