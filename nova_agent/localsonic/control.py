"""The control port: plain HTTP on this machine, to ask a running endpoint what it received and to plan faults.

It has no passwords, so it listens on loopback addresses alone and refuses what comes from a web page: requests with an
Origin, and those that name another host (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, Self

import structlog
from aiohttp import web

from nova_agent.errors import NovaError, PortInUse, SettingsError, SonicError
from nova_agent.localsonic.control_views import ROUTES, Controlled, NotThere, views

BODY_BYTES: Final = 64 * 1024
_ANSWER_LIMIT_S: Final = 10.0
_IDLE_LIMIT_S: Final = 15.0
_STOP_LIMIT_S: Final = 1.0

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = structlog.get_logger(__name__)


class ControlPort:
    """Serves one endpoint's control port, on the endpoint's event loop.

    Args:
        port: 0 takes a free one.
        host: a loopback address.
    """

    def __init__(self, endpoint: Controlled, port: int, *, host: str = "127.0.0.1") -> None:
        self._host = host
        self._port = port
        self._runner = web.AppRunner(
            control_app(endpoint), access_log=None, keepalive_timeout=_IDLE_LIMIT_S, shutdown_timeout=_STOP_LIMIT_S
        )

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{self._port}"

    async def start(self) -> Self:
        """Listen.

        Raises:
            SettingsError: the address can be reached from other machines.
            PortInUse: something else listens there.
            SonicError: the address cannot be used.
        """
        if not _is_loopback(self._host):
            raise SettingsError(
                f"The control port has no password, so it cannot listen on {self._host}. Use 127.0.0.1 or ::1."
            )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self.aclose()
            if error.errno != errno.EADDRINUSE:
                raise SonicError(f"The control port cannot listen on {self._host}:{self._port}: {error}.") from error
            raise PortInUse(
                f"The control port cannot listen on {self._host}:{self._port}, something else does. "
                "Stop that, or choose another port (0 takes a free one)."
            ) from error
        self._port = self._runner.addresses[0][1]
        return self

    async def aclose(self) -> None:
        """Stop listening and close what is open. Calling it again does nothing."""
        await self._runner.cleanup()


def control_app(endpoint: Controlled) -> web.Application:
    """The routes and their guards."""
    app = web.Application(middlewares=[_errors, _guard], client_max_size=BODY_BYTES)
    for route, view in views(endpoint):
        app.router.add_route(route.method, route.path, view)
    return app


@web.middleware
async def _guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Let only this machine's own programs in."""
    if "Origin" in request.headers:
        return _error(403, "web-page-refused", "This port is not for web pages: the request has an Origin header.")
    host = request.headers.get("Host", "")
    if not _is_loopback(_without_port(host)):
        return _error(
            403, "host-refused", f"This port answers under loopback addresses and localhost, not under {host!r}."
        )
    return await handler(request)


@web.middleware
async def _errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into the same form."""
    try:
        async with asyncio.timeout(_ANSWER_LIMIT_S):
            return await handler(request)
    except Exception as error:  # noqa: BLE001 - request boundary: one wrong answer must not end the endpoint
        return _error(*_told(request, error))


def _told(request: web.Request, error: Exception) -> tuple[int, str, str]:
    """The status, code and message for an error."""
    match error:
        case NotThere():
            told = (404, "not-found", str(error))
        case NovaError():
            told = (400, error.code, str(error))
        case TimeoutError():
            told = (408, "timed-out", f"The request was not complete after {_ANSWER_LIMIT_S:.0f} seconds.")
        case web.HTTPRequestEntityTooLarge():
            told = (413, "too-large", f"A body may have {BODY_BYTES} bytes.")
        case web.HTTPNotFound():
            told = (404, "not-found", f"There is no {request.path}. {_known_routes()}")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods - {"HEAD"}))
            told = (405, "method-not-allowed", f"{request.path} takes {allowed}, not {request.method}.")
        case web.HTTPException():
            told = (error.status, "refused", error.reason)
        case _:
            _log.error("localsonic.control_failed", path=request.path, exc_info=error)
            told = (500, "internal-error", "This is a defect of Local Sonic; its log has the details.")
    return told


def _error(status: int, code: str, message: str) -> web.Response:
    body: dict[str, Any] = {"error": {"code": code, "message": message}}
    return web.Response(status=status, text=json.dumps(body, indent=2) + "\n", content_type="application/json")


def _known_routes() -> str:
    return f"Known are: {', '.join(f'{route.method} {route.path}' for route in ROUTES)}."


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _without_port(host: str) -> str:
    """The name or address of a Host header; IPv6 stands in brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
