"""One recorded stream: takes the client's events to the service, and brings back what it answers, unchanged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Final

import structlog

from nova_agent.localsonic.envelope import ClientMessages
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.recording.returning import ClientAnswer, Returning
from nova_agent.localsonic.recording.tape import Tape
from nova_agent.localsonic.recording.upstream import Upstream, UpstreamFailed, UpstreamStream
from nova_agent.localsonic.rejections import StreamRejected

_log = structlog.get_logger(__name__)

# The service ends a stream after 8 minutes at the latest.
_SILENCE_LIMIT_S: Final = 600.0
_LAST_WORDS_S: Final = 1.0
_PATIENCE_S: Final = 5.0
_HOP_BY_HOP: Final = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})


class Relay:
    """Serves one request; :meth:`run` owns all of its tasks.

    ``patience_s``: how long a service that takes no more input may still take to say why.
    """

    def __init__(
        self, model_id: str, client: ClientAnswer, upstream: Upstream, tape: Tape, *, patience_s: float = _PATIENCE_S
    ) -> None:
        self._model_id = model_id
        self._upstream = upstream
        self._tape = tape
        self._patience_s = patience_s
        self._returning = Returning(client, tape)
        self._messages = ClientMessages()
        self._inputs: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._over = asyncio.Event()

    def receive(self, data: bytes) -> None:
        """Take a piece of the request's body; what cannot be read ends this stream."""
        if self._returning.is_over:
            return
        try:
            for payload in self._messages.feed(data):
                self._tape.event_in(payload)
                self._inputs.put_nowait(payload)
        except StreamRejected as rejection:
            self._returning.reject(rejection)
            self._over.set()

    def receive_end(self) -> None:
        """The client has sent everything."""
        if not self._returning.is_over:
            self._tape.ended("in")
            self._inputs.put_nowait(None)

    def lost(self, *, reset: bool = False) -> None:
        """The client is gone, or has reset the stream."""
        self._returning.client_left("the client reset the stream" if reset else "the client is gone")
        self._over.set()

    async def run(self) -> None:
        """Forward until one side is finished or gone."""
        try:
            stream = await self._upstream.open(self._model_id)
            await self._forward(stream)
        except UpstreamFailed as failure:
            self._returning.fail(failure.refusal)
        except Exception as error:  # noqa: BLE001 - request boundary: one stream's defect must not end the others
            _log.error("localsonic.stream_failed", exc_info=error)
        finally:
            self._returning.break_off("the recorder was stopped, or failed")  # unless it is over
            self._tape.close()

    async def _forward(self, stream: UpstreamStream) -> None:
        receiving = asyncio.create_task(self._bring_back(stream))
        sending = asyncio.create_task(self._send_on(stream))
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({receiving, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not receiving.done():
                self._returning.break_off("the recorder was stopped")
            # Closed before anything is cancelled: the CRT complains about futures that are (awscrt 0.32).
            await stream.aclose()
            await asyncio.wait({receiving}, timeout=_LAST_WORDS_S)
            for task in (sending, over, receiving):
                task.cancel()
            await asyncio.gather(sending, over, receiving, return_exceptions=True)
        if not receiving.cancelled():
            receiving.result()

    async def _send_on(self, stream: UpstreamStream) -> None:
        try:
            while (payload := await self._inputs.get()) is not None:
                await stream.send(payload)
            await stream.end_input()
        except UpstreamFailed as failure:
            await asyncio.sleep(self._patience_s)
            self._returning.fail(failure.refusal)
            self._over.set()

    async def _bring_back(self, stream: UpstreamStream) -> None:
        response = await stream.response()
        headers = {name: value for name, value in response.headers.items() if name not in _HOP_BY_HOP}
        if response.status != 200:
            body = b"".join([piece async for piece in stream.body()])
            self._returning.refuse(_refusal_in(response.status, headers, body), headers, body)
            return
        self._returning.open(headers)
        try:
            await self._bring_body(stream)
        except TimeoutError:
            self._returning.break_off(f"the service sent nothing for {_SILENCE_LIMIT_S:.0f} s")
        if stream.broken_off:
            self._returning.break_off(stream.broken_off)
        self._returning.end()

    async def _bring_body(self, stream: UpstreamStream) -> None:
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(_SILENCE_LIMIT_S) as limit:
            async for piece in stream.body():
                await self._returning.pass_on(piece)
                limit.reschedule(now() + _SILENCE_LIMIT_S)


def _refusal_in(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """What an HTTP error says; its type may carry a URL behind a colon."""
    try:
        content = json.loads(body)
        message = content.get("message", content.get("Message", ""))
    except (ValueError, AttributeError):
        message = ""
    return Refusal(status, headers.get("x-amzn-errortype", "").partition(":")[0], str(message))
