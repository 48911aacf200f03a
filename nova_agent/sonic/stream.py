"""One stream to Nova Sonic: open, send, read, close; every wait has a limit (I/O, no policy).

``send`` of the SDK blocks for ever after 16 messages on a cut connection, ``close`` does too, and a stream that is
refused shows that only when its output is awaited (aws_sdk_bedrock_runtime 0.12, measured).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from livekit.plugins.aws.experimental.realtime.events import SonicEventBuilder
from smithy_aws_event_stream.aio import AWSEventReceiver
from smithy_core.aio.types import AsyncBytesReader

from nova_agent.sonic.asking import NotOpened, ask
from nova_agent.sonic.credentials import SonicCredentials
from nova_agent.sonic.endpoint import SonicEndpoint, bedrock_transport
from nova_agent.sonic.frames import ChunkSigner, FrameReader, event_in
from nova_agent.sonic.history import Turn
from nova_agent.sonic.outlet import Outlet, native_write
from nova_agent.sonic.ring import RATE_HZ

OPEN_LIMIT_S: Final = 4.0
"""The caller hears nothing meanwhile, and a request on a connection that is cut at once is never answered."""
SEND_LIMIT_S: Final = 3.0
CLOSE_LIMIT_S: Final = 3.0


_AUDIO_TAIL: Final = '"}}}'


class SendBlocked(Exception):
    """Nothing more can be sent: the connection is cut, or the service takes nothing."""


class SonicStream:
    """A stream, from its request to its end. One task reads :meth:`events`; the rest may be called beside it."""

    def __init__(self, endpoint: SonicEndpoint, credentials: SonicCredentials, model_id: str) -> None:
        self.endpoint = endpoint
        self._credentials = credentials
        self._transport = bedrock_transport(endpoint)
        self.builder = SonicEventBuilder(str(uuid.uuid4()), str(uuid.uuid4()), model=model_id)
        self.opened_at = time.monotonic()
        self.ready = asyncio.Event()
        """The service has answered 200."""
        self.origin = 0
        """Position in the caller's audio of this stream's first sample."""
        self.cursor = 0
        """Position of the next sample to send."""
        # Built once: the plugin's builder validates a model of five classes for each of 31 chunks a second.
        self._audio_head = self.builder.create_audio_input_event(audio_content="").removesuffix(_AUDIO_TAIL)
        self._model_id = model_id
        self._response: Any = None
        self._signer: ChunkSigner | None = None
        self._outlet: Outlet | None = None
        self._lock = asyncio.Lock()
        self._audio_is_open = False

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.opened_at

    async def request(self, opening: Sequence[str]) -> None:
        """Ask for the stream and send its first events: sessionStart and promptStart.

        Raises:
            NotOpened: the SDK did not even begin to send.
            SendBlocked, Exception: whatever the SDK raises.
        """
        identity = await self._credentials.get_identity()
        self._response = await ask(self.endpoint, identity, self._transport, model_id=self._model_id)
        scope = self._publisher._signing_config.signing_properties  # noqa: SLF001 – see _publisher
        self._signer = ChunkSigner(
            secret_key=identity.secret_access_key, region=scope["region"], service=scope["service"]
        )
        for event in opening:
            await self.send(event)

    async def begin(self, system: str, history: Sequence[Turn]) -> None:
        """Send SYSTEM text and history, wait for the 200, and open the audio.

        Raises:
            NotOpened: no answer within 4 s.
            SendBlocked: nothing could be sent.
        """
        try:
            async with asyncio.timeout(OPEN_LIMIT_S):
                await self._block("SYSTEM", system)
                for turn in history:
                    await self._block(turn.role, turn.text)
                await self.ready.wait()
        except (TimeoutError, SendBlocked) as error:
            if self.ready.is_set():
                raise
            raise NotOpened(f"{self.endpoint.url} did not answer within {OPEN_LIMIT_S:.0f} s") from error
        await self._take_over_writing()
        await self.send(self.builder.create_audio_content_start_event())
        self._audio_is_open = True

    def start_at(self, position: int) -> None:
        """The audio begins at this position of the caller's."""
        self.origin = self.cursor = position

    def position_at(self, offset_ms: int) -> int:
        """Where in the caller's audio the service's offset is."""
        return self.origin + offset_ms * RATE_HZ // 1000

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Yield each output event; ends when the service ends the stream.

        Raises:
            Exception: whatever the SDK raises: a refusal, an exception of the service, bytes that are no event.
        """
        _, output = await self._response.await_output()
        self.ready.set()
        native, frames = self._transport.native_stream, FrameReader()
        while received := await native.get_next_response_chunk():
            for frame in frames.feed(received):
                event = event_in(frame)
                if event is None:
                    await _raise_what_it_says(frame, output)
                elif event:
                    yield event
        frames.end()

    async def send(self, event: str) -> None:
        """Send one event.

        Raises:
            SendBlocked: it could not be sent within 3 s.
            OSError: the stream is over.
        """
        if (outlet := self._outlet) is not None and outlet.has_room:
            outlet.write(self._sign(event))
            return
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                if outlet is None:
                    await self._publisher._writer.write(self._sign(event))  # noqa: SLF001 – see _publisher
                    return
                await outlet.room()
        except TimeoutError as error:
            raise SendBlocked(f"nothing could be sent to {self.endpoint.url} for {SEND_LIMIT_S:.0f} s") from error
        # Signed in the order in which it is written: nobody else may come between.
        outlet.write(self._sign(event))

    async def send_audio(self, content: str, samples: int) -> None:
        """Send base64 of PCM s16le, mono, 16 kHz; never between the parts of a text."""
        async with self._lock:
            await self.send(f"{self._audio_head}{content}{_AUDIO_TAIL}")
            self.cursor += samples

    async def type(self, text: str) -> None:
        """Send a sentence that is to be answered like speech."""
        async with self._lock:
            await self._block("USER", text, interactive=True)

    async def give_result(self, tool_use_id: str, result: str) -> None:
        """Send a tool's result, the text of a JSON object."""
        for event in self.builder.create_tool_content_block(str(uuid.uuid4()), tool_use_id, result):
            await self.send(event)

    async def finish(self) -> None:
        """End the session as the service wants it; never raises and never takes longer than 3 s."""
        if self._response is None:
            return
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                if self._audio_is_open:
                    for event in self.builder.create_prompt_end_block():
                        await self.send(event)
                await self._response.input_stream.close()

    async def close(self) -> None:
        """Close the connection; never raises and never takes longer than 4 s."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self._transport.close()

    @property
    def _publisher(self) -> Any:
        """The SDK's side that sends: it signs the request and the end of the stream, and what is between is ours.

        What is taken of it is private (smithy_aws_event_stream 0.3): its writer, and its signer's last signature.
        """
        return self._response.input_stream

    def _sign(self, event: str) -> bytes:
        signer, chain = self._signer, self._publisher._signing_config.signer  # noqa: SLF001 – see _publisher
        assert signer is not None  # noqa: S101 – made with the request
        frame, chain._prior_signature = signer.frame(event.encode(), chain._prior_signature, time.time())  # noqa: SLF001
        return frame

    async def _take_over_writing(self) -> None:
        """Write to the native client from now on, after what the SDK still holds."""
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await self._publisher._writer.flush()  # noqa: SLF001 – see _publisher
        except TimeoutError as error:
            raise SendBlocked(f"nothing could be sent to {self.endpoint.url} for {SEND_LIMIT_S:.0f} s") from error
        self._outlet = Outlet(native_write(self._transport.native_stream))

    async def _block(self, role: Any, text: str, *, interactive: bool = False) -> None:
        name = str(uuid.uuid4())
        start = (
            self.builder.create_text_content_start_event_interactive(name, role)
            if interactive
            else self.builder.create_text_content_start_event(name, role)
        )
        await self.send(start)
        await self.send(self.builder.create_text_content_event(name, text))
        await self.send(self.builder.create_content_end_event(name))


async def _raise_what_it_says(frame: bytes, output: Any) -> None:
    """Let the SDK make its exception of a frame that is no event.

    Raises:
        Exception: what the service said.
    """
    receiver = AWSEventReceiver(
        payload_codec=output._payload_codec,  # noqa: SLF001 – smithy_aws_event_stream 0.3 lends them to nobody
        source=AsyncBytesReader(frame),
        deserializer=output._deserializer,  # noqa: SLF001
    )
    await receiver.receive()
