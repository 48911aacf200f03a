"""Clients that never get as far as a stream: what they are told over a real socket, and what the log says."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator

import h2.connection
import h2.events
import pytest
from structlog.testing import capture_logs

from benchmarks.quiet_sonic import quiet_sonic
from nova_agent.localsonic.server import LocalSonic
from tests.fakes.fuzzing.wire import PREFACE, Address, connected, request_headers

_LIMIT_S = 10.0
_ALERT, _HANDSHAKE_FAILURE = 0x15, 40


@pytest.fixture
async def sonic() -> AsyncIterator[LocalSonic]:
    async with quiet_sonic() as sonic:
        yield sonic


def hello() -> bytes:
    """A ClientHello."""
    sent = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


async def answer(sonic: LocalSonic, sent: bytes, *alpn: str, tls: bool = True) -> bytes:
    """What comes back until the endpoint closes, or the first bytes of a connection without TLS."""
    context = ssl.create_default_context(cafile=str(sonic.ca_certificate)) if tls else None
    if context is not None and alpn:
        context.set_alpn_protocols(list(alpn))
    async with asyncio.timeout(_LIMIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", sonic.port, ssl=context)
        writer.write(sent)
        received = await (reader.read() if tls else reader.read(1000))
        writer.close()
    return received


async def test_the_fault_tls_failure_answers_a_hello_with_an_alert(sonic: LocalSonic) -> None:
    sonic.faults.add("tls-failure@connect")
    received = await answer(sonic, hello(), tls=False)
    assert (received[0], received[-1]) == (_ALERT, _HANDSHAKE_FAILURE)
    assert (await answer(sonic, hello(), tls=False))[0] != _ALERT


@pytest.mark.parametrize("alpn", [(), ("http/1.1",)])
async def test_an_http1_client_is_told_what_is_wanted(sonic: LocalSonic, alpn: tuple[str, ...]) -> None:
    with capture_logs() as logs:
        received = await answer(sonic, b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", *alpn)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 505 ")
    assert b"HTTP/2" in body
    assert f"content-length: {len(body)}".encode() in head
    assert [line["status"] for line in logs if line["event"] == "localsonic.connection_refused"] == [505]


async def test_a_client_that_negotiates_nothing_may_speak_http2(sonic: LocalSonic) -> None:
    context = ssl.create_default_context(cafile=str(sonic.ca_certificate))
    client = h2.connection.H2Connection()
    client.initiate_connection()
    client.send_headers(1, [(":method", "GET"), (":path", "/"), (":scheme", "https"), (":authority", "h")], True)
    async with asyncio.timeout(_LIMIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", sonic.port, ssl=context)
        writer.write(client.data_to_send())
        events: list[h2.events.Event] = []
        while not any(isinstance(event, h2.events.ResponseReceived) for event in events):
            events += client.receive_data(await reader.read(1000))
        writer.close()


async def test_a_refused_request_is_logged_with_its_status(sonic: LocalSonic) -> None:
    with capture_logs() as logs:
        async with connected(Address.of(sonic)) as wire:
            wire.h2.send_headers(1, [*request_headers()[:2], (":path", "/"), *request_headers()[3:]])
            wire.flush()
            await wire.until_over(1)
    (line,) = [line for line in logs if line["event"] == "localsonic.stream_rejected"]
    assert (line["status"], line["error_code"]) == (404, "UnknownOperationException")
    assert line["reason"] == "There is nothing here."


async def test_what_is_no_http2_after_all_is_logged(sonic: LocalSonic) -> None:
    with capture_logs() as logs:
        await answer(sonic, b"x" * len(PREFACE), "h2")
    assert "localsonic.connection_refused" in [line["event"] for line in logs]


async def test_plain_http_is_logged_as_a_failed_handshake(sonic: LocalSonic) -> None:
    with capture_logs() as logs:
        await answer(sonic, b"GET / HTTP/1.1\r\n\r\n", tls=False)
    assert [(line["event"], line["reason"]) for line in logs] == [("localsonic.handshake_failed", "HTTP_REQUEST")]


async def test_a_client_that_does_not_trust_the_authority_is_logged(sonic: LocalSonic) -> None:
    def connect() -> None:
        with socket.create_connection(("127.0.0.1", sonic.port), _LIMIT_S) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")

    with capture_logs() as logs, pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(connect)
    assert [line["event"] for line in logs] == ["localsonic.handshake_failed"]
    assert "UNKNOWN_CA" in logs[0]["reason"]
