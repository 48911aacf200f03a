"""The service through the AWS Python SDK.

A client's signature covers the host name it was told, so every message has to be signed again. The SDK does that; the
response is read beneath it, as bytes, so that the client gets them unchanged.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aws_sdk_bedrock_runtime.client import AsyncBedrockRuntimeClient
from aws_sdk_bedrock_runtime.config import AsyncBedrockRuntimeConfig
from aws_sdk_bedrock_runtime.models import (
    BidirectionalInputPayloadPart,
    InvokeModelWithBidirectionalStreamInputChunk,
    InvokeModelWithBidirectionalStreamOperationInput,
)
from awscrt import io as crt_io
from smithy_http.aio.crt import AWSCRTHTTPClient, AWSCRTHTTPResponse, _AWSCRTEventLoop

from nova_agent.errors import SonicError
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.recording.credentials import FixedCredentials, find_credentials
from nova_agent.localsonic.recording.upstream import Response, UpstreamFailed, UpstreamStream

# A cut connection makes the SDK's send() and close() wait for ever (SDK 0.12), so nothing is awaited without a limit.
_SEND_LIMIT_S: Final = 10.0
# The service itself ends a stream that gets no input after 55 seconds.
_RESPONSE_LIMIT_S: Final = 65.0
_CLOSE_LIMIT_S: Final = 5.0
_OPEN_LIMIT_S: Final = 10.0


def service_url(region: str) -> str:
    """The public address of the service in a region."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://bedrock-runtime.{region}.{suffix}"


class BedrockUpstream:
    """The service, or anything that speaks its protocol. Streams are signed for ``region``.

    ``ca_file``: PEM, whom to trust in place of the system's authorities.
    """

    def __init__(self, url: str, region: str, *, ca_file: Path | None = None) -> None:
        """Take the address; nothing is sent yet.

        Raises:
            SonicError: it is no https address, or the CA file cannot be read.
        """
        if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
            raise SonicError(f"{url}: is no address to forward to, which begins with https:// and a host.")
        self.url = url.rstrip("/")
        self._region = region
        self._tls = _tls_context(ca_file) if ca_file is not None else None

    async def open(self, model_id: str) -> UpstreamStream:
        """Begin a stream, with the credentials of this moment.

        Raises:
            UpstreamFailed: there are no credentials, or no request could be made.
        """
        try:
            credentials = await find_credentials()
        except SonicError as error:
            raise UpstreamFailed(Refusal(403, "AccessDeniedException", str(error))) from error
        transport = _Transport(self._tls)
        overrides: dict[str, Any] = {
            "endpoint_uri": self.url,
            "region": self._region,
            "aws_credentials_identity_resolver": FixedCredentials(credentials),
            "transport": transport,
        }
        client = AsyncBedrockRuntimeClient(config=await AsyncBedrockRuntimeConfig.resolve(**overrides))
        operation = InvokeModelWithBidirectionalStreamOperationInput(model_id=model_id)
        try:
            # What fails before the request is made leaves this waiting for ever (smithy_core 0.9).
            async with asyncio.timeout(_OPEN_LIMIT_S):
                stream = await client.invoke_model_with_bidirectional_stream(operation)
        except TimeoutError as error:
            refusal = Refusal(503, "ServiceUnavailableException", f"no request to {self.url} could be made")
            raise UpstreamFailed(refusal) from error
        return _BedrockStream(stream, transport, self.url)


class _Transport(AWSCRTHTTPClient):
    """Keeps the response of its one request; the SDK's default transport cannot send and receive at once."""

    def __init__(self, tls: crt_io.ClientTlsContext | None) -> None:
        super().__init__(eventloop=_native_loop())
        if tls is not None:
            # smithy_http 0.6.0 has no parameter for it.
            self._tls_ctx = tls
        self.received: asyncio.Future[AWSCRTHTTPResponse] = asyncio.get_running_loop().create_future()
        self.native: Any = None

    async def send(self, request: Any, *, request_config: Any = None) -> AWSCRTHTTPResponse:
        try:
            response = await super().send(request, request_config=request_config)
        except Exception as error:
            self.received.set_exception(error)
            raise
        self.received.set_result(response)
        if response.status != 200:
            # The SDK would read the body, and loses the text of errors that it does not know (SDK 0.12).
            raise SonicError(f"refused with status {response.status}")
        return response

    async def _await_response(self, stream: Any) -> AWSCRTHTTPResponse:
        self.native = stream
        return await super()._await_response(stream)


class _BedrockStream:
    def __init__(self, stream: Any, transport: _Transport, url: str) -> None:
        self._stream = stream
        self._transport = transport
        self._url = url
        self._broken_off = ""

    async def send(self, payload: bytes) -> None:
        part = BidirectionalInputPayloadPart(bytes_=payload)
        try:
            async with asyncio.timeout(_SEND_LIMIT_S):
                await self._stream.input_stream.send(InvokeModelWithBidirectionalStreamInputChunk(value=part))
        except (OSError, TimeoutError) as error:
            raise self._failed("takes no more input", error) from error

    async def end_input(self) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_SEND_LIMIT_S):
                await self._stream.input_stream.close()

    async def response(self) -> Response:
        try:
            async with asyncio.timeout(_RESPONSE_LIMIT_S):
                received = await asyncio.shield(self._transport.received)
        except Exception as error:
            raise self._failed("cannot be reached", error) from error
        headers = {field.name.lower(): field.as_string() for field in received.fields}
        # The CRT counts HTTP/2's ":status" among the headers.
        return Response(received.status, {name: value for name, value in headers.items() if name[0] != ":"})

    async def body(self) -> AsyncIterator[bytes]:
        received = self._transport.received.result()
        async for piece in received.chunks():
            yield piece
        self._broken_off = _how_it_broke_off(self._transport.native)

    @property
    def broken_off(self) -> str:
        return self._broken_off

    async def aclose(self) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CLOSE_LIMIT_S):
                await self._transport.close()
        # Not cancelled: the CRT complains about futures that are cancelled under it (awscrt 0.32).
        await asyncio.wait({asyncio.create_task(self._take_errors())}, timeout=_CLOSE_LIMIT_S)

    async def _take_errors(self) -> None:
        """They have been reported already, and asyncio complains of errors that nobody takes."""
        await asyncio.gather(self._stream.await_output(), self._transport.received, return_exceptions=True)
        if self._transport.native is not None:
            # It would wait for more input, which nobody sends any more.
            self._transport.native._writer.cancel()  # noqa: SLF001 – awscrt 0.32 keeps it there
            await asyncio.gather(self._transport.native._writer, return_exceptions=True)  # noqa: SLF001 – as above

    def _failed(self, what: str, error: Exception) -> UpstreamFailed:
        reason = "it does not answer" if isinstance(error, TimeoutError) else str(error)
        return UpstreamFailed(Refusal(503, "ServiceUnavailableException", f"{self._url} {what}: {reason}"))


def _how_it_broke_off(native: Any) -> str:
    """The SDK takes every end for a regular one; awscrt 0.32 knows better, though not in public."""
    if native._remote_completion_future.done():  # noqa: SLF001 – as above
        return ""
    completion = native._completion_future  # noqa: SLF001 – as above
    error = completion.exception() if completion.done() else None
    return str(error) if error is not None else "the connection was closed"


@cache
def _native_loop() -> _AWSCRTEventLoop:
    """One native event loop a process; each transport would make one of its own, with a thread."""
    return _AWSCRTEventLoop()


def _tls_context(ca_file: Path) -> crt_io.ClientTlsContext:
    options = crt_io.TlsContextOptions()
    try:
        options.override_default_trust_store_from_path(None, str(ca_file))
        return crt_io.ClientTlsContext(options)
    except Exception as error:
        raise SonicError(f"{ca_file}: cannot be read as certificate authorities, which takes a PEM file.") from error
