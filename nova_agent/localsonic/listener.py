"""The listening part of an endpoint: its port, its certificates and its connections. Knows nothing of Nova Sonic."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nova_agent.errors import PortInUse, SonicError
from nova_agent.localsonic.http2 import Exchange, Http2Connection, Request, RequestHandler
from nova_agent.localsonic.limits import Limits
from nova_agent.localsonic.tls import open_authority

OpenRequest = Callable[[Request, Exchange], RequestHandler]

_TLS_SHUTDOWN_S: Final = 1.0
_STOP_LIMIT_S: Final = 5.0
# Every address of the machine, and the one of each family that leads back to it.
_NEAREST: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - a name, not an address to listen on


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where to listen. ``port`` 0 takes a free one; ``hostnames`` are further names the certificate is good for;
    ``ca_dir`` ``None`` keeps the certificate authority in the user's state directory."""

    host: str = "127.0.0.1"
    port: int = 0
    hostnames: tuple[str, ...] = ()
    ca_dir: Path | None = None


class Listener:
    """Takes its port with :meth:`bind`, so that a second one fails at once, and requests from :meth:`serve` on."""

    def __init__(
        self,
        address: ListenAddress,
        *,
        name: str = "Local Sonic",
        prepare_tls: Callable[[ssl.SSLContext], None] = lambda _: None,
        limits: Limits | None = None,
    ) -> None:
        self._address = address
        self._name = name
        self._prepare_tls = prepare_tls
        self._limits = limits or Limits()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._connections: set[Http2Connection] = set()
        self._port = 0
        self._ca_certificate = self._ca_bundle = Path()

    @property
    def port(self) -> int:
        return self._port

    @property
    def endpoint_url(self) -> str:
        """The URL for clients, without a slash at its end."""
        host = _NEAREST.get(self._address.host, self._address.host)
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
    def is_bound(self) -> bool:
        return self._server is not None

    async def bind(self, open_request: OpenRequest) -> None:
        """Make the certificates and take the port; ``open_request`` gets every request once :meth:`serve` was called.

        Raises:
            PortInUse: something else listens there.
            SonicError: the certificates cannot be kept, or the address cannot be used.
        """
        context = await asyncio.to_thread(self._open_certificates)
        self._server = await self._listen(context, open_request)
        self._port = self._server.sockets[0].getsockname()[1]

    async def serve(self) -> None:
        """Accept connections."""
        assert self._server is not None  # noqa: S101 - bound before
        await self._server.start_serving()
        self._sweeper = asyncio.create_task(self._sweep(), name="localsonic-sweeper")

    def close(self) -> None:
        """Accept no further connection; the open ones stay."""
        if self._server is not None:
            self._server.close()

    async def aclose(self) -> None:
        """Close every connection after what has been written, and free the port. A second time does nothing."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in list(self._connections):
            connection.close()
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await _closed(server)

    async def _sweep(self) -> None:
        """Close connections that nobody uses, now and then."""
        while True:
            await asyncio.sleep(min(self._limits.first_request_s, self._limits.idle_s) / 4)
            for connection in list(self._connections):
                connection.close_if_unused(time.monotonic())

    def _open_certificates(self) -> ssl.SSLContext:
        try:
            authority = open_authority(self._address.ca_dir)
            context = authority.server_context({self._address.host, *self._address.hostnames})
        except OSError as error:
            raise SonicError(f"{self._name} cannot keep its certificates: {error}. Choose another folder.") from error
        self._ca_certificate, self._ca_bundle = authority.certificate_path, authority.bundle_path
        self._prepare_tls(context)
        return context

    async def _listen(self, context: ssl.SSLContext, open_request: OpenRequest) -> asyncio.Server:
        host, port = self._address.host, self._address.port
        try:
            return await asyncio.get_running_loop().create_server(
                lambda: Http2Connection(open_request, self._connections, self._limits),
                host,
                port,
                ssl=context,
                ssl_handshake_timeout=self._limits.handshake_s,
                ssl_shutdown_timeout=_TLS_SHUTDOWN_S,
                start_serving=False,
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SonicError(f"{self._name} cannot listen on {host}:{port}: {error}.") from error
            raise PortInUse(
                f"{self._name} cannot listen on {host}:{port}, something else does. "
                "Stop that, or choose another port (0 takes a free one)."
            ) from error


async def _closed(server: asyncio.Server) -> None:
    """Wait for the connections to end, and cut those that have not: a handshake may never end by itself."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(server.wait_closed(), _TLS_SHUTDOWN_S + 0.5)
        return
    if sys.version_info >= (3, 13):
        server.abort_clients()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(server.wait_closed(), _STOP_LIMIT_S)
