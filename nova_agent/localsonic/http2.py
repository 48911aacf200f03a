"""HTTP/2 over one TLS connection: requests in, responses out, flow control both ways. Knows nothing of Nova Sonic.

Raw ``asyncio.Protocol`` and ``h2``, because a bidirectional stream needs duplex without trailers and, for tests of
clients, resets and cuts at any byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import structlog
from hyperframe.frame import GoAwayFrame

from nova_agent.localsonic.exchange import Exchange
from nova_agent.localsonic.floods import Flood, FloodGuard
from nova_agent.localsonic.goaway import GoAwayFilter
from nova_agent.localsonic.limits import SLICE_BYTES, Limits
from nova_agent.localsonic.preface import WRONG_HTTP, begins_http2
from nova_agent.localsonic.windows import InboundWindows

__all__ = ["Exchange", "Http2Connection", "Request", "RequestHandler"]

_log = structlog.get_logger(__name__)

_NO_LINGER: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """``headers``: every one that the client sent, by its name in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)


class RequestHandler(Protocol):
    """The server's side of one request. All methods are called on the event loop, and must not raise."""

    def receive(self, data: bytes) -> None:
        """A piece of the body, of any size."""
        ...

    def receive_end(self) -> None:
        """The body is complete."""
        ...

    def lost(self, *, reset: bool = False) -> None:
        """The stream was reset, or the connection is gone: nothing that is sent will arrive."""
        ...


class Http2Connection(asyncio.Protocol):
    """One client connection with any number of streams."""

    def __init__(
        self,
        open_request: Callable[[Request, Exchange], RequestHandler],
        connections: set[Http2Connection],
        limits: Limits | None = None,
    ) -> None:
        self._open_request = open_request
        self._connections = connections
        self.limits: Final = limits or Limits()
        # Latin-1 fits all bytes; on others of its encodings h2 4.4 fails with an error that is not its own.
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="latin-1"))
        self._windows = InboundWindows(self._h2, self._write_frame)
        self._filter = GoAwayFilter(FloodGuard().check)
        self._handlers: dict[int, RequestHandler] = {}
        self._exchanges: dict[int, Exchange] = {}
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._goes_away = False
        self._has_begun = False
        self._waiting = bytearray()
        self._unused_since_s = 0.0
        self._has_served = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)
        self._unused_since_s = time.monotonic()
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() == "h2":
            self._begin()

    def _begin(self) -> None:
        """Say what HTTP/2 says first; to a client that negotiated nothing, not before it has said so itself."""
        self._has_begun = True
        self._h2.initiate_connection()
        self._windows.announce()
        self._write()

    def data_received(self, data: bytes) -> None:
        self._acknowledge_at_once()
        if len(data) <= SLICE_BYTES and not self._waiting:
            self._receive(data)
            return
        # Small frames make much work of few bytes: the other connections get their turn in between.
        if not self._waiting and self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._receive_slice)
        self._waiting += data

    def _receive_slice(self) -> None:
        if self._transport is None or not self._waiting:
            return
        data = bytes(self._waiting[:SLICE_BYTES])
        del self._waiting[:SLICE_BYTES]
        self._receive(data)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._receive_slice)
        elif not self._transport.is_closing():
            self._transport.resume_reading()

    def _receive(self, data: bytes) -> None:
        if not self._has_begun:
            if not begins_http2(data):
                self._refuse_http1()
                return
            self._begin()
        try:
            events = self._h2.receive_data(self._filter.feed(data))
        except h2.exceptions.ProtocolError as error:
            _log.info("localsonic.connection_refused", reason=str(error))
            # h2 has prepared the GOAWAY that says why.
            self._write()
            self.close()
            return
        except Flood as flood:
            self._shut(flood.code)
            return
        for event in events:
            self._handle(event)
        self._write()
        if self._paused and self._transport is not None:
            self._cut_off(self._transport.get_write_buffer_size())

    def _refuse_http1(self) -> None:
        _log.info("localsonic.connection_refused", status=505, reason="no HTTP/2")
        if self._transport is not None:
            self._transport.write(WRONG_HTTP)
        self.close()

    def _cut_off(self, unread_bytes: int) -> None:
        """Answers to SETTINGS, PING and the like wait for no window: a client that reads none of them has to go."""
        if unread_bytes > self.limits.unread_bytes:
            self.abort()

    def close_if_unused(self, now_s: float) -> None:
        """Close the connection when no request has come for too long. ``now_s``: monotonic."""
        limit_s = self.limits.idle_s if self._has_served else self.limits.first_request_s
        if not self._exchanges and now_s - self._unused_since_s > limit_s:
            self._shut(h2.errors.ErrorCodes.NO_ERROR)

    def _shut(self, code: int) -> None:
        """Say GOAWAY, and close."""
        self.go_away(code)
        self.close()

    def _acknowledge_at_once(self) -> None:
        """Do not hold TCP acknowledgements back, where the system lets one say so.

        awscrt 0.32 leaves Nagle's algorithm on, so a client's next small event waits for the acknowledgement of the
        last: about 35 ms on every tool result, measured on loopback. The option holds for one read only (tcp(7)).
        """
        connection = self._transport.get_extra_info("socket") if self._transport is not None else None
        if connection is not None and hasattr(socket, "TCP_QUICKACK"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._connections.discard(self)
        waiting, self._waiting = bytes(self._waiting), bytearray()
        if waiting:
            self._receive(waiting)  # the client sent it before it left
        for stream_id in list(self._handlers):
            self._lose(stream_id)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._flush_all()

    def close(self) -> None:
        """Close the TCP connection after what has been written."""
        self._waiting.clear()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Cut the TCP connection with a RST; nothing that is still waiting leaves."""
        self._waiting.clear()
        if self._transport is not None:
            connection = self._transport.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()

    def go_away(self, code: int) -> None:
        """Say GOAWAY: streams that are open go on, further ones are refused."""
        self._goes_away = True
        # Past h2, which would take the whole connection for closed (h2 4.4).
        last = self._h2.highest_inbound_stream_id
        self._write_frame(GoAwayFrame(0, last_stream_id=last, error_code=code).serialize())

    def reset(self, stream_id: int, code: int) -> None:
        """Send RST_STREAM and tell the stream's handler that it is lost."""
        with contextlib.suppress(h2.exceptions.ProtocolError):
            self._h2.reset_stream(stream_id, code)
        self._write()
        self._lose(stream_id, reset=True)

    def block_window(self, stream_id: int) -> None:
        self._windows.block(stream_id, [other for other in self._exchanges if other != stream_id])
        self._write()

    def unblock_window(self, stream_id: int) -> None:
        self._windows.unblock(stream_id)
        self._write()

    def send_headers(self, stream_id: int, headers: list[tuple[str, str]]) -> None:
        with contextlib.suppress(h2.exceptions.ProtocolError):  # the client may have reset it a moment ago
            self._h2.send_headers(stream_id, headers)
        self._write()

    def send_data(self, stream_id: int, data: bytearray, *, end: bool) -> int:
        """Send as much as the windows and the socket allow, and END_STREAM with the last byte; return the count."""
        sent = 0
        try:
            while not self._paused and sent < len(data):
                room = min(self._h2.local_flow_control_window(stream_id), self._h2.max_outbound_frame_size)
                if room <= 0:
                    break
                piece = bytes(data[sent : sent + room])
                self._h2.send_data(stream_id, piece)
                sent += len(piece)
            if end and sent == len(data):
                self._h2.end_stream(stream_id)
        except h2.exceptions.ProtocolError:
            sent = len(data)  # the stream is closed, and its handler is about to be told
        self._write()
        return sent

    def forget(self, stream_id: int) -> None:
        """The response is complete: what the client still sends is acknowledged and dropped."""
        self._handlers.pop(stream_id, None)
        self._exchanges.pop(stream_id, None)
        self._unused_since_s = time.monotonic()
        self._windows.unblock(stream_id)

    def _write(self) -> None:
        pending = self._h2.data_to_send()
        # A client that was cut off is known to be gone a little before connection_lost.
        if pending and self._transport is not None and not self._transport.is_closing():
            self._transport.write(pending)

    def _write_frame(self, frame: bytes) -> None:
        """Write a whole frame that h2 does not know of, behind everything that h2 has prepared."""
        self._write()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frame)

    def _handle(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived(stream_id=int(stream_id)):
                self._open(stream_id, event)
            case h2.events.DataReceived(stream_id=int(stream_id)):
                # Acknowledged at once: what the endpoint does with the data never holds a client back.
                self._windows.received(stream_id, event.flow_controlled_length or 0)
                if stream_id in self._handlers and event.data:
                    self._handlers[stream_id].receive(event.data)
            case h2.events.StreamEnded(stream_id=int(stream_id)):
                if stream_id in self._handlers:
                    self._handlers[stream_id].receive_end()
            case h2.events.StreamReset(stream_id=int(stream_id)):
                self._lose(stream_id, reset=True)
            case h2.events.WindowUpdated() | h2.events.RemoteSettingsChanged():
                self._flush_all()
            case _:
                pass

    def _open(self, stream_id: int, event: h2.events.RequestReceived) -> None:
        if self._goes_away:
            self._h2.reset_stream(stream_id, h2.errors.ErrorCodes.REFUSED_STREAM)
            return
        headers = {str(name): str(value) for name, value in event.headers or ()}
        self._has_served = True
        exchange = Exchange(self, stream_id)
        self._exchanges[stream_id] = exchange
        request = Request(headers.get(":method", ""), headers.get(":path", ""), headers)
        handler = self._open_request(request, exchange)
        if stream_id in self._exchanges:
            self._handlers[stream_id] = handler
            self._windows.opened(stream_id)
        else:
            handler.lost(reset=True)  # answered or reset already: what the client still sends does not matter

    def _lose(self, stream_id: int, *, reset: bool = False) -> None:
        handler, exchange = self._handlers.get(stream_id), self._exchanges.get(stream_id)
        self.forget(stream_id)
        if exchange is not None:
            exchange.abandon()
        if handler is not None:
            handler.lost(reset=reset)

    def _flush_all(self) -> None:
        for exchange in list(self._exchanges.values()):
            exchange.flush()
