"""One stream of the raw AWS Python SDK, watched: what its reader, its sender and its closing show, and when."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aws_sdk_bedrock_runtime.client import AsyncBedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import AsyncBedrockRuntimeConfig
from aws_sdk_bedrock_runtime.models import (
    BidirectionalInputPayloadPart,
    InvokeModelWithBidirectionalStreamInputChunk,
    InvokeModelWithBidirectionalStreamOperationInput,
)
from smithy_aws_core.identity import AWSCredentialsIdentity
from smithy_http.aio.crt import AWSCRTHTTPClient

_FORM: Final = {"mediaType": "audio/lpcm", "sampleSizeBits": 16, "channelCount": 1, "encoding": "base64"}
_SILENCE: Final = base64.b64encode(bytes(1024)).decode()
_SENDS_AFTERWARDS: Final = 25
_WHERE: Final = {"promptName": "p", "contentName": "audio"}

BLOCKS: Final = "waits for ever"
ANSWER: Final = "the whole answer"
END: Final = "None (the end)"
FINE: Final = "works"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client saw. ``where``: the call that showed it. ``at``: monotonic seconds, ``None`` if it never came.

    ``error``: what was raised, if anything was.
    """

    where: str
    what: str
    text: str = ""
    at: float | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class Session:
    """What the three sides of one stream have shown so far."""

    reading: Seen = field(default_factory=lambda: Seen("await_output", BLOCKS))
    sending: Seen = field(default_factory=lambda: Seen("send", FINE))
    closing: Seen = field(default_factory=lambda: Seen("close", FINE))


class _Credentials:
    async def get_identity(self, **_: Any) -> AWSCredentialsIdentity:
        return AWSCredentialsIdentity(access_key_id="local", secret_access_key="local")  # noqa: S106 - no secret


@dataclass(frozen=True, slots=True)
class Limits:
    """``reading_s`` is for everything that the reader does; a send or the close that takes longer than ``sending_s``
    counts as blocked. ``chunk_s`` lies between two pieces of silence."""

    reading_s: float
    sending_s: float
    chunk_s: float = 0.032


class SdkWatch:
    """Watches sessions. What hangs is let go with :meth:`aclose`, when the endpoint has stopped."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._hanging: list[asyncio.Task[Any]] = []

    async def session(self, endpoint_url: str) -> Session:
        """Type a sentence, send silence, read the answer, close; say what happened.

        SSL_CERT_FILE must name the authority of the endpoint.
        """
        transport, stream = await _open(endpoint_url)
        watcher = _Watcher(stream, self._limits)
        try:
            return await watcher.run()
        finally:
            await transport.close()
            self._hanging += watcher.let_go()

    async def aclose(self) -> None:
        """Wait for the readers, which end with their connections."""
        if self._hanging:
            await asyncio.wait(self._hanging, timeout=1.0)
        for task in self._hanging:
            task.cancel()


async def _open(endpoint_url: str) -> tuple[AWSCRTHTTPClient, Any]:
    transport = AWSCRTHTTPClient()
    config = await AsyncBedrockRuntimeConfig.resolve(
        endpoint_uri=endpoint_url,
        region="us-east-1",
        aws_credentials_identity_resolver=_Credentials(),
        transport=transport,
    )
    stream = await AsyncBedrockRuntimeClient(config=config).invoke_model_with_bidirectional_stream(
        InvokeModelWithBidirectionalStreamOperationInput(model_id="amazon.nova-2-sonic-v1:0")
    )
    return transport, stream


class _Watcher:
    def __init__(self, stream: Any, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._is_read = asyncio.Event()
        self._seen = Session()
        self._reader = asyncio.ensure_future(self._read())
        self._waits: list[asyncio.Task[Any]] = []

    async def run(self) -> Session:
        sender = self._start(self._send())
        await asyncio.wait({self._reader}, timeout=self._limits.reading_s)
        reading = self._seen.reading
        self._is_read.set()
        await sender
        closing = await self._limited("close", self._stream.input_stream.close)
        return Session(reading, self._seen.sending, closing)

    def let_go(self) -> list[asyncio.Task[None]]:
        """Give up what hangs, but for the reader: the CRT complains about futures that are cancelled under it."""
        for task in self._waits:
            task.cancel()
        return [self._reader]

    def _start(self, work: Awaitable[Any]) -> asyncio.Task[Any]:
        self._waits.append(asyncio.ensure_future(work))
        return self._waits[-1]

    async def _limited(self, where: str, act: Callable[[], Awaitable[Any]]) -> Seen:
        """Do it, and leave it alone if it takes too long."""
        task = self._start(act())
        done, _ = await asyncio.wait({task}, timeout=self._limits.sending_s)
        if not done:
            return Seen(where, BLOCKS)
        error = task.exception()
        return Seen(where, FINE) if error is None else _raised(where, error)

    async def _read(self) -> None:
        where = "await_output"
        try:
            _, output = await self._stream.await_output()
            where = "receive"
            self._seen.reading = Seen(where, BLOCKS)
            while (event := await output.receive()) is not None:
                ((name, body),) = json.loads(event.value.bytes_)["event"].items()
                if name == "contentEnd" and (body["type"], body["stopReason"]) == ("AUDIO", "END_TURN"):
                    self._seen.reading = Seen(where, ANSWER, at=time.monotonic())
                    return
            self._seen.reading = Seen(where, END, at=time.monotonic())
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the finding
            self._seen.reading = _raised(where, error)

    async def _send(self) -> None:
        for name, body in _opening():
            if not await self._event(name, body):
                return
        # What a client goes on sending after the failure shows whether it would hang.
        left = _SENDS_AFTERWARDS
        while left:
            if not await self._event("audioInput", {**_WHERE, "content": _SILENCE}):
                return
            left -= self._is_read.is_set()
            await asyncio.sleep(self._limits.chunk_s)

    async def _event(self, name: str, body: dict[str, Any]) -> bool:
        part = BidirectionalInputPayloadPart(bytes_=json.dumps({"event": {name: body}}).encode())
        chunk = InvokeModelWithBidirectionalStreamInputChunk(value=part)
        self._seen.sending = await self._limited("send", lambda: self._stream.input_stream.send(chunk))
        return self._seen.sending.what == FINE


def _raised(where: str, error: BaseException) -> Seen:
    return Seen(where, type(error).__name__, str(error), time.monotonic(), error)


def _opening() -> list[tuple[str, dict[str, Any]]]:
    """Everything up to a sentence that was typed, in the order that the service wants."""
    spoken = {**_FORM, "sampleRateHertz": 24000, "voiceId": "tiffany", "audioType": "SPEECH"}
    heard = {**_FORM, "sampleRateHertz": 16000, "audioType": "SPEECH"}
    return [
        ("sessionStart", {"inferenceConfiguration": {"maxTokens": 1024, "topP": 0.9, "temperature": 0.7}}),
        ("promptStart", {"promptName": "p", "audioOutputConfiguration": spoken}),
        *_text("SYSTEM", "You are helpful."),
        (
            "contentStart",
            {**_WHERE, "type": "AUDIO", "role": "USER", "interactive": True, "audioInputConfiguration": heard},
        ),
        *_text("USER", "Hello."),
    ]


def _text(role: str, words: str) -> list[tuple[str, dict[str, Any]]]:
    where = {"promptName": "p", "contentName": role.lower()}
    return [
        ("contentStart", {**where, "type": "TEXT", "role": role, "interactive": role == "USER"}),
        ("textInput", {**where, "content": words}),
        ("contentEnd", where),
    ]
