"""The endpoint: listens, routes requests to streams, and owns every stream's task."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import re
import ssl
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import unquote

import structlog

from nova_agent.errors import PortInUse, SonicError
from nova_agent.localsonic.brain import Brain, make_brain
from nova_agent.localsonic.clock import ScaledClock
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.ears import Ears, MoonshineEars
from nova_agent.localsonic.http2 import Exchange, Http2Connection, Request, RequestHandler
from nova_agent.localsonic.models import ModelRefused, find_model
from nova_agent.localsonic.mouth import HibariMouth, Mouth
from nova_agent.localsonic.outputs import new_id
from nova_agent.localsonic.prompt import Parts
from nova_agent.localsonic.stream import SonicStream
from nova_agent.localsonic.timing import TurnTiming
from nova_agent.localsonic.tls import open_authority

_log = structlog.get_logger(__name__)

# The Python SDK sends a bare "?" after the path, the JavaScript SDK does not.
_PATH: Final = re.compile(r"/model/(?P<model>[^/?]+)/invoke-with-bidirectional-stream\??")
_TIMINGS_KEPT: Final = 10_000
_STOP_LIMIT_S: Final = 5.0


class LocalSonic:
    """An offline Nova Sonic endpoint, for ``async with`` or :meth:`start` and :meth:`stop`.

    ``ears`` and ``mouth`` are shared by all streams and closed with the endpoint; each stream gets a brain of its own.
    """

    def __init__(
        self,
        config: LocalSonicConfig | None = None,
        *,
        brain_factory: Callable[[], Brain] | None = None,
        ears: Ears | None = None,
        mouth: Mouth | None = None,
    ) -> None:
        self._config = config or LocalSonicConfig()
        self._brain_factory = brain_factory
        self._ears = ears or MoonshineEars()
        self._mouth = mouth or HibariMouth()
        self._server: asyncio.Server | None = None
        self._connections: set[Http2Connection] = set()
        self._streams: set[asyncio.Task[None]] = set()
        self._parts: Parts | None = None
        self._port = 0
        self._ca_certificate = self._ca_bundle = Path()
        self.turn_timings: deque[TurnTiming] = deque(maxlen=_TIMINGS_KEPT)

    @property
    def port(self) -> int:
        return self._port

    @property
    def endpoint_url(self) -> str:
        """The URL for clients, without a slash at its end."""
        host = "127.0.0.1" if self._config.host in ("0.0.0.0", "::") else self._config.host  # noqa: S104 - comparison
        return f"https://{f'[{host}]' if ':' in host else host}:{self._port}"

    @property
    def ca_certificate(self) -> Path:
        """Our authority alone, in PEM: for clients that add it to what they trust (Node)."""
        return self._ca_certificate

    @property
    def ca_bundle(self) -> Path:
        """Our authority and the public ones, in PEM: for clients that replace what they trust (SSL_CERT_FILE)."""
        return self._ca_bundle

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    async def start(self) -> Self:
        """Load the models and listen.

        Raises:
            PortInUse: something else listens there.
            MissingExtra: a package for hearing or speaking is not installed.
            SettingsError: there is no such brain, or it lacks its script.
            SonicError: the certificates cannot be kept, or the address cannot be used.
        """
        brains = self._brain_factory or make_brain(self._config.brain, script=self._config.brain_script)
        try:
            await self._prepare(brains)
        except BaseException:
            await self._release()
            raise
        _log.info("localsonic.started", url=self.endpoint_url)
        return self

    async def _prepare(self, brains: Callable[[], Brain]) -> None:
        """Take the port first, so that a second endpoint fails at once, and serve when everything is loaded."""
        context = await asyncio.to_thread(self._open_certificates)
        self._server = await self._listen(context)
        self._port = self._server.sockets[0].getsockname()[1]
        await asyncio.gather(self._ears.load(), self._mouth.load())
        self._parts = Parts(
            config=self._config,
            clock=ScaledClock(self._config.speed),
            ears=self._ears,
            mouth=self._mouth,
            make_brain=brains,
            record=self.turn_timings.append,
        )
        await self._server.start_serving()

    def _open_certificates(self) -> ssl.SSLContext:
        try:
            authority = open_authority(self._config.ca_dir)
            context = authority.server_context({self._config.host, *self._config.hostnames})
        except OSError as error:
            raise SonicError(f"Local Sonic cannot keep its certificates: {error}. Choose another folder.") from error
        self._ca_certificate, self._ca_bundle = authority.certificate_path, authority.bundle_path
        return context

    async def stop(self) -> None:
        """End every stream, close every connection and free the models. Calling it again does nothing."""
        if self._server is None:
            return
        self._server.close()
        for task in list(self._streams):
            task.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)
        for connection in list(self._connections):
            connection.close()
        await self._release()
        _log.info("localsonic.stopped")

    async def _release(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(server.wait_closed(), _STOP_LIMIT_S)
        await asyncio.gather(self._ears.aclose(), self._mouth.aclose())

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _listen(self, context: ssl.SSLContext) -> asyncio.Server:
        host, port = self._config.host, self._config.port
        try:
            return await asyncio.get_running_loop().create_server(
                lambda: Http2Connection(self._open, self._connections),
                host,
                port,
                ssl=context,
                ssl_shutdown_timeout=1.0,
                start_serving=False,
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SonicError(f"Local Sonic cannot listen on {host}:{port}: {error}.") from error
            raise PortInUse(
                f"Local Sonic cannot listen on {host}:{port}, something else does. "
                "Stop that, or choose another port (0 takes a free one)."
            ) from error

    def _open(self, request: Request, exchange: Exchange) -> RequestHandler:
        path = _PATH.fullmatch(request.path)
        if path is None or request.method != "POST":
            return _refuse(exchange, ModelRefused(404, "UnknownOperationException", "There is nothing here."))
        model = find_model(unquote(path["model"]))
        if isinstance(model, ModelRefused):
            return _refuse(exchange, model)
        assert self._parts is not None  # noqa: S101 - set before listening
        stream = SonicStream(model, exchange, self._parts)
        task = asyncio.create_task(stream.run(), name="localsonic-stream")
        self._streams.add(task)
        task.add_done_callback(self._streams.discard)
        return stream


class _Refused:
    """A request that has been answered already: the rest of its body does not matter."""

    def receive(self, data: bytes) -> None:
        pass

    def receive_end(self) -> None:
        pass

    def lost(self) -> None:
        pass


def _refuse(exchange: Exchange, refused: ModelRefused) -> RequestHandler:
    headers = {
        "content-type": "application/json",
        "x-amzn-errortype": refused.error_type,
        "x-amzn-requestid": new_id(),
    }
    exchange.start(refused.status, headers)
    exchange.send(json.dumps({"message": refused.message}).encode())
    exchange.end()
    return _Refused()
