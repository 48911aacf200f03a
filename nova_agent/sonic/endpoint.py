"""Where Nova Sonic is reached, and the client that reaches it.

livekit-plugins-aws 1.8.9 fixes both: the address is built from the region, whose default ignores the usual AWS
variables, and the transport trusts the system's authorities only.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from aws_sdk_bedrock_runtime.client import AsyncBedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import AsyncBedrockRuntimeConfig
from awscrt import io as crt_io
from awscrt.exceptions import AwsCrtError
from smithy_aws_core.identity import AWSCredentialsIdentity
from smithy_core.aio.interfaces.identity import IdentityResolver
from smithy_core.interceptors import Interceptor
from smithy_core.interfaces import URI
from smithy_http.aio.crt import AWSCRTHTTPClient, AWSCRTHTTPClientConfig, _AWSCRTEventLoop

from nova_agent.errors import SonicError

DEFAULT_REGION = "us-east-1"
ADDRESS_VARIABLE: Final = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
_CANCEL_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class SonicEndpoint:
    """An address, the region that requests are signed for, and whom to trust (``None``: the system's authorities)."""

    url: str
    region: str
    ca_bundle: Path | None = None

    @classmethod
    def resolve(cls, *, url: str | None = None, region: str | None = None, ca_bundle: Path | None = None) -> Self:
        """Fill in what was not given: the region from the usual AWS variables, the address from the region.

        Raises:
            SonicError: AWS_ENDPOINT_URL_BEDROCK_RUNTIME is no address.
        """
        region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
        url = url or _address_in_environment() or _public_address(region)
        return cls(url=url.rstrip("/"), region=region, ca_bundle=ca_bundle)

    @classmethod
    def in_region(cls, region: str, *, url: str | None = None, ca_bundle: Path | None = None) -> Self:
        """The endpoint of a region: its public address, or a private one."""
        return cls(url=(url or _public_address(region)).rstrip("/"), region=region, ca_bundle=ca_bundle)


def _address_in_environment() -> str | None:
    if not (url := os.environ.get(ADDRESS_VARIABLE)):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # which is looked at only when it is asked for
        is_address = parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise SonicError(
            f"{ADDRESS_VARIABLE}: {url!r} is no address of Nova Sonic. "
            "Write it like https://bedrock-runtime.us-east-1.amazonaws.com, or unset it."
        )
    return url


def _public_address(region: str) -> str:
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://bedrock-runtime.{region}.{suffix}"


@cache
def _event_loop() -> _AWSCRTEventLoop:
    """One native event loop a process; the plugin makes one, with a thread, for every stream."""
    return _AWSCRTEventLoop()


@cache
def _tls_context(ca_bundle: Path | None) -> crt_io.ClientTlsContext:
    options = crt_io.TlsContextOptions()
    if ca_bundle is None:
        return crt_io.ClientTlsContext(options)
    try:
        options.override_default_trust_store_from_path(None, str(ca_bundle))
        return crt_io.ClientTlsContext(options)
    except Exception as error:
        raise SonicError(
            f"{ca_bundle}: cannot be read as certificate authorities ({error}). "
            "NOVA_SONIC__CA_BUNDLE has to name a PEM file."
        ) from error


class Transport(AWSCRTHTTPClient):
    """The SDK's transport for one stream, which leaves nothing behind.

    The CRT's task that writes the request ends with an error that nobody asks for when a connection is cut, and never
    when it is blocked; and whoever waits for the answer does so for ever when the connection ends before it (awscrt
    0.32).
    """

    def __init__(self, ca_bundle: Path | None) -> None:
        # Not the SDK's own constructor: it reads all of the system's authorities, which stops the event loop of every
        # live call for 9 ms (smithy_http 0.6, measured). What it sets is set here.
        self._config = AWSCRTHTTPClientConfig()
        self._eventloop = _event_loop()
        self._client_bootstrap = self._eventloop.bootstrap
        self._tls_ctx = _tls_context(ca_bundle)
        self._socket_options = crt_io.SocketOptions()
        self._connections = {}
        self._closed = False
        self._writers: list[asyncio.Task[Any]] = []
        self._answers: list[asyncio.Task[Any]] = []
        self.native_stream: Any = None
        """The CRT's stream, from when the request is under way."""

    async def send(self, request: Any, *, request_config: Any = None) -> Any:
        """Send nothing after :meth:`close`, where the SDK raises an error that nobody asks for."""
        if self._closed:
            raise asyncio.CancelledError
        return await super().send(request, request_config=request_config)

    async def _get_connection(self, url: URI) -> Any:
        """Close a connection that is made after :meth:`close`: the SDK would use it, and nobody would end it (0.6)."""
        connection = await super()._get_connection(url)
        if self._closed:
            self._connections.clear()
            with contextlib.suppress(AwsCrtError):
                await connection.close()
            raise asyncio.CancelledError
        return connection

    async def _await_response(self, stream: Any) -> Any:
        self.native_stream = stream
        writer = getattr(stream, "_writer", None)
        if writer is not None:
            self._writers.append(writer)
            writer.add_done_callback(look_at)
        answer = asyncio.create_task(super()._await_response(stream), name="sonic-answer")
        self._answers.append(answer)
        return await answer

    async def close(self) -> None:
        """Close the connection, and end what still writes to it.

        The CRT keeps the error that a cut connection ended with for as long as the connection, which is kept in turn by
        the frames in the error's traceback: it would never be freed (awscrt 0.32).
        """
        connections = tuple(self._connections.values())
        try:
            with contextlib.suppress(AwsCrtError):
                await super().close()
        finally:
            await _cancel((*self._writers, *self._answers))
            for connection in connections:
                _forget_traceback(connection.shutdown_future)


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """End tasks, twice where it takes that: a writer then writes the end, and on a blocked connection waits again."""
    for _ in range(2):
        if not (pending := [task for task in tasks if not task.done()]):
            return
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_CANCEL_S)


def _forget_traceback(ended: concurrent.futures.Future[None]) -> None:
    """Let go of the frames that an error went through."""
    if ended.done() and not ended.cancelled() and (error := ended.exception()) is not None:
        error.with_traceback(None)


def look_at(done: asyncio.Future[Any]) -> None:
    """Take the error: the stream's reader tells of it, if it has one."""
    if not done.cancelled():
        done.exception()


def bedrock_transport(endpoint: SonicEndpoint) -> Transport:
    """Make a transport for one stream; the process shares one TLS context and one native event loop.

    Raises:
        SonicError: the CA bundle cannot be read.
    """
    return Transport(endpoint.ca_bundle)


async def bedrock_client(
    endpoint: SonicEndpoint,
    credentials: IdentityResolver[AWSCredentialsIdentity, Any],
    transport: Transport | None = None,
    *interceptors: Interceptor[Any, Any, Any, Any],
) -> AsyncBedrockRuntimeClient:
    """Make a Bedrock client for one stream.

    The transport must be the CRT one: the SDK's default cannot send and receive at once (livekit/agents#6994).

    Raises:
        SonicError: the CA bundle cannot be read.
    """
    overrides: dict[str, Any] = {
        "endpoint_uri": endpoint.url,
        "region": endpoint.region,
        "aws_credentials_identity_resolver": credentials,
        "user_agent_extra": "x-client-framework:nova-agent",
        "transport": transport or bedrock_transport(endpoint),
        "interceptors": list(interceptors),
    }
    return AsyncBedrockRuntimeClient(config=await AsyncBedrockRuntimeConfig.resolve(**overrides))
