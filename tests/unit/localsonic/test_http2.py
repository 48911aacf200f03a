"""The HTTP/2 side against h2's own client, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

from nova_agent.localsonic.http2 import Exchange, Http2Connection, Request


class Handler:
    def __init__(self, request: Request, exchange: Exchange) -> None:
        self.request, self.exchange = request, exchange
        self.body = b""
        self.ended = self.is_lost = False

    def receive(self, data: bytes) -> None:
        self.body += data

    def receive_end(self) -> None:
        self.ended = True

    def lost(self, *, reset: bool = False) -> None:
        self.is_lost = True


class Wire(asyncio.Transport):
    """A client and the connection under test, joined back to back."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers: list[Handler] = []
        self.events: list[h2.events.Event] = []
        self.is_closed = self.is_aborted = self.is_deaf = False
        self.on_open: Callable[[Exchange], None] = lambda _: None
        self.client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.connection = Http2Connection(self._open, set())
        self.client.initiate_connection()
        self.connection.connection_made(self)
        self.pump()

    def _open(self, request: Request, exchange: Exchange) -> Handler:
        self.handlers.append(Handler(request, exchange))
        self.on_open(exchange)
        return self.handlers[-1]

    def write(self, data: Any) -> None:
        if not self.is_deaf:
            self.events += self.client.receive_data(bytes(data))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def abort(self) -> None:
        self.is_aborted = True

    def pump(self) -> None:
        while pending := self.client.data_to_send():
            self.connection.data_received(pending)

    def request(self) -> int:
        stream_id = self.client.get_next_available_stream_id()
        headers = [(":method", "POST"), (":path", "/x?"), (":scheme", "https"), (":authority", "h")]
        self.client.send_headers(stream_id, headers)
        self.pump()
        return stream_id

    def received(self, stream_id: int) -> bytes:
        data = (event for event in self.events if isinstance(event, h2.events.DataReceived))
        return b"".join(event.data or b"" for event in data if event.stream_id == stream_id)


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_a_request_and_its_response_flow_both_ways(wire: Wire) -> None:
    stream_id = wire.request()
    (handler,) = wire.handlers
    wire.client.send_data(stream_id, b"hello")
    wire.pump()
    handler.exchange.start(200, {"a": "b"})
    handler.exchange.send(b"world")
    handler.exchange.end()
    assert (handler.request, handler.body) == (Request("POST", "/x?"), b"hello")
    assert wire.received(stream_id) == b"world"
    assert any(isinstance(event, h2.events.StreamEnded) for event in wire.events)


def test_received_data_is_acknowledged_so_that_a_client_can_send_without_end(wire: Wire) -> None:
    stream_id = wire.request()
    for _ in range(300):
        wire.client.send_data(stream_id, bytes(16_000))
        wire.pump()
    assert len(wire.handlers[0].body) == 4_800_000


async def test_a_burst_waits_for_the_clients_window(wire: Wire) -> None:
    stream_id = wire.request()
    exchange = wire.handlers[0].exchange
    exchange.start(200, {})
    exchange.send(bytes(600_000))
    assert len(wire.received(stream_id)) == 65_535
    drained = asyncio.ensure_future(exchange.drained())
    await asyncio.sleep(0)
    assert not drained.done()
    for _ in range(20):
        wire.client.increment_flow_control_window(60_000, stream_id)
        wire.client.increment_flow_control_window(60_000)
        wire.pump()
    await asyncio.wait_for(drained, 1)
    assert len(wire.received(stream_id)) == 600_000


def test_a_goaway_from_the_client_does_not_end_its_stream(wire: Wire) -> None:
    stream_id = wire.request()
    frame = (8).to_bytes(3, "big") + bytes((7, 0)) + bytes(4) + bytes(8)
    wire.connection.data_received(frame)
    wire.client.send_data(stream_id, b"still here")
    wire.pump()
    assert wire.handlers[0].body == b"still here"


def test_a_reset_stream_is_lost_and_the_others_stay(wire: Wire) -> None:
    first, second = wire.request(), wire.request()
    wire.client.reset_stream(first)
    wire.client.send_data(second, b"x", end_stream=True)
    wire.pump()
    assert (wire.handlers[0].is_lost, wire.handlers[1].is_lost) == (True, False)
    assert (wire.handlers[1].body, wire.handlers[1].ended) == (b"x", True)


def test_a_cut_connection_loses_every_stream(wire: Wire) -> None:
    wire.request(), wire.request()
    wire.connection.connection_lost(None)
    assert [handler.is_lost for handler in wire.handlers] == [True, True]


def test_what_is_sent_after_the_client_has_gone_is_dropped(wire: Wire) -> None:
    stream_id = wire.request()
    wire.client.reset_stream(stream_id)
    wire.pump()
    exchange = wire.handlers[0].exchange
    exchange.start(200, {})
    exchange.send(b"x")
    exchange.end()
    assert wire.received(stream_id) == b""


def test_what_is_no_http2_closes_the_connection(wire: Wire) -> None:
    wire.connection.data_received((0).to_bytes(3, "big") + bytes((0, 0)) + bytes(4))
    assert wire.is_closed


def test_data_after_the_response_ended_is_ignored(wire: Wire) -> None:
    stream_id = wire.request()
    wire.handlers[0].exchange.start(200, {})
    wire.handlers[0].exchange.end()
    wire.client.send_data(stream_id, b"late", end_stream=True)
    wire.pump()
    assert wire.handlers[0].body == b""


def window(wire: Wire, stream_id: int) -> int:
    """What the client may send on the stream."""
    wire.pump()
    return wire.client.local_flow_control_window(stream_id)


def test_a_reset_is_sent_with_its_code_and_the_other_streams_stay(wire: Wire) -> None:
    first, second = wire.request(), wire.request()
    wire.handlers[0].exchange.reset(8)
    wire.client.send_data(second, b"x")
    wire.pump()
    resets = [event for event in wire.events if isinstance(event, h2.events.StreamReset)]
    assert [(event.stream_id, event.error_code) for event in resets] == [(first, 8)]
    assert (wire.handlers[0].is_lost, wire.handlers[1].is_lost, wire.handlers[1].body) == (True, False, b"x")


def test_what_a_client_still_sends_on_a_reset_stream_harms_nobody(wire: Wire) -> None:
    first, second = wire.request(), wire.request()
    wire.client.send_data(first, bytes(1000))
    late = wire.client.data_to_send()
    wire.handlers[0].exchange.reset(2)
    wire.connection.data_received(late)
    wire.client.send_data(second, b"x")
    wire.pump()
    assert (wire.handlers[0].body, wire.handlers[1].body) == (b"", b"x")


def test_a_stream_that_is_reset_as_it_opens_is_lost(wire: Wire) -> None:
    wire.on_open = lambda exchange: exchange.reset(2)
    wire.request()
    assert wire.handlers[0].is_lost


def test_what_is_not_allowed_is_held_back_with_its_end(wire: Wire) -> None:
    stream_id = wire.request()
    exchange = wire.handlers[0].exchange
    exchange.start(200, {})
    exchange.allow(0)
    exchange.send(b"held back")
    exchange.end()
    assert wire.received(stream_id) == b""
    exchange.allow(4)
    assert (wire.received(stream_id), exchange.is_over) == (b"held", False)
    exchange.allow(None)
    assert (wire.received(stream_id), exchange.is_over) == (b"held back", True)


def test_an_end_alone_is_held_back_as_well(wire: Wire) -> None:
    stream_id = wire.request()
    exchange = wire.handlers[0].exchange
    exchange.start(200, {})
    exchange.allow(0)
    exchange.end()
    assert not any(isinstance(event, h2.events.StreamEnded) for event in wire.events)
    exchange.allow(1)
    assert [event.stream_id for event in wire.events if isinstance(event, h2.events.StreamEnded)] == [stream_id]


def test_after_a_goaway_open_streams_go_on_and_new_ones_are_refused(wire: Wire) -> None:
    first = wire.request()
    # h2's own client would take the connection for closed, so it does not hear of the GOAWAY.
    wire.is_deaf = True
    wire.handlers[0].exchange.connection.go_away(0)
    wire.is_deaf = False
    second = wire.request()
    wire.client.send_data(first, b"x")
    wire.pump()
    refused = [event for event in wire.events if isinstance(event, h2.events.StreamReset)]
    assert [(event.stream_id, event.error_code) for event in refused] == [(second, 7)]
    assert [handler.body for handler in wire.handlers] == [b"x"]


def test_a_blocked_window_blocks_its_stream_alone(wire: Wire) -> None:
    first, second = wire.request(), wire.request()
    free = window(wire, second)
    wire.handlers[0].exchange.block_window()
    assert window(wire, first) <= 0
    assert window(wire, second) == free
    third = wire.request()
    assert window(wire, third) > 0


def test_a_window_that_opens_again_lets_everything_through(wire: Wire) -> None:
    first, second = wire.request(), wire.request()
    wire.client.send_data(first, bytes(10_000))
    wire.handlers[0].exchange.block_window()
    assert window(wire, first) <= 0
    wire.handlers[0].exchange.unblock_window()
    assert window(wire, first) > 10_000
    for _ in range(300):
        for stream_id in (first, second):
            wire.client.send_data(stream_id, bytes(16_000))
            wire.pump()
    assert [len(handler.body) for handler in wire.handlers] == [4_810_000, 4_800_000]


def test_blocking_again_and_again_wears_nothing_out(wire: Wire) -> None:
    first, second = wire.request(), wire.request()
    for _ in range(5):
        wire.handlers[0].exchange.block_window()
        wire.client.send_data(second, bytes(16_000))
        wire.pump()
        wire.handlers[0].exchange.unblock_window()
        wire.client.send_data(first, bytes(16_000))
        wire.pump()
    assert [len(handler.body) for handler in wire.handlers] == [80_000, 80_000]


def test_a_blocked_stream_that_ends_unblocks_the_connection(wire: Wire) -> None:
    first = wire.request()
    wire.handlers[0].exchange.block_window()
    wire.pump()
    wire.client.reset_stream(first)
    wire.pump()
    assert window(wire, wire.request()) > 0


def test_a_cut_is_an_abort_of_the_transport(wire: Wire) -> None:
    wire.request()
    wire.handlers[0].exchange.connection.abort()
    assert (wire.is_aborted, wire.is_closed) == (True, False)
