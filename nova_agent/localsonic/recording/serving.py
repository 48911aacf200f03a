"""An endpoint whose streams come from elsewhere: from the real service, or from a recording."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import structlog

from nova_agent.localsonic.http2 import Exchange, Request, RequestHandler
from nova_agent.localsonic.listener import ListenAddress, Listener
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.routes import NOTHING_HERE, invoked_model, refuse

_log = structlog.get_logger(__name__)


class ServedStream(RequestHandler, Protocol):
    """One request's stream."""

    async def run(self) -> None:
        """Serve it to its end."""
        ...


class StreamServer:
    """Listens, and owns every stream's task. For ``async with`` or :meth:`start` and :meth:`stop`.

    ``open_stream`` gets the model's id, the request and the response; a :class:`Refusal` is answered for it.
    """

    def __init__(
        self, address: ListenAddress, open_stream: Callable[[str, Request, Exchange], ServedStream | Refusal], name: str
    ) -> None:
        self._open_stream = open_stream
        self._listener = Listener(address, name=name)
        self._streams: set[asyncio.Task[None]] = set()

    @property
    def endpoint_url(self) -> str:
        """The URL for clients, without a slash at its end."""
        return self._listener.endpoint_url

    @property
    def ca_certificate(self) -> Path:
        """Our authority alone, in PEM."""
        return self._listener.ca_certificate

    @property
    def ca_bundle(self) -> Path:
        """Our authority and the public ones, in PEM."""
        return self._listener.ca_bundle

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    async def start(self) -> Self:
        """Listen.

        Raises:
            PortInUse: something else listens there.
            SonicError: the certificates cannot be kept, or the address cannot be used.
        """
        await self._listener.bind(self._open)
        await self._listener.serve()
        _log.info("localsonic.started", url=self.endpoint_url)
        return self

    async def stop(self) -> None:
        """End every stream and close every connection. Calling it again does nothing."""
        if not self._listener.is_bound:
            return
        self._listener.close()
        for task in list(self._streams):
            task.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)
        await self._listener.aclose()
        _log.info("localsonic.stopped")

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _open(self, request: Request, exchange: Exchange) -> RequestHandler:
        model_id = invoked_model(request)
        stream = NOTHING_HERE if model_id is None else self._open_stream(model_id, request, exchange)
        if isinstance(stream, Refusal):
            return refuse(exchange, stream)
        task = asyncio.create_task(stream.run(), name="localsonic-stream")
        self._streams.add(task)
        task.add_done_callback(self._streams.discard)
        return stream
