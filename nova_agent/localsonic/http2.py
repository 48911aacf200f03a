"""HTTP/2 over one TLS connection: requests in, responses out, flow control both ways. Knows nothing of Nova Sonic.

Raw ``asyncio.Protocol`` and ``h2``, because a bidirectional stream needs duplex without trailers and, for tests of
clients, resets and cuts at any byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
from hyperframe.frame import GoAwayFrame

from nova_agent.localsonic.goaway import GoAwayFilter
from nova_agent.localsonic.windows import InboundWindows

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_ROOM_BYTES: Final = 256 * 1024


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


class Exchange:
    """The response to one request. After :meth:`end`, and once the client is gone, everything sent is dropped."""

    def __init__(self, connection: Http2Connection, stream_id: int) -> None:
        self._connection = connection
        self._stream_id = stream_id
        self._outgoing = bytearray()
        self._ending = False
        self._over = False
        self._allowance: int | None = None
        self._room = asyncio.Event()
        self._room.set()

    @property
    def connection(self) -> Http2Connection:
        return self._connection

    @property
    def is_over(self) -> bool:
        """Whether everything was sent, or nothing will arrive any more."""
        return self._over

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the response headers."""
        if not self._over:
            self._connection.send_headers(self._stream_id, [(":status", str(status)), *headers.items()])

    def send(self, data: bytes) -> None:
        """Queue a part of the body; it leaves as the client's window allows."""
        if not (self._over or self._ending):
            self._outgoing += data
            self.flush()

    def end(self) -> None:
        """END_STREAM after everything queued."""
        if not (self._over or self._ending):
            self._ending = True
            self.flush()

    async def drained(self) -> None:
        """Return when less than 256 KiB are waiting, or the client is gone."""
        await self._room.wait()

    def flush(self) -> None:
        """Send what the client's window has room for, and :meth:`allow` allows."""
        waiting = len(self._outgoing)
        allowed = waiting if self._allowance is None else min(self._allowance, waiting)
        ends = self._ending and self._allowance != 0 and allowed == waiting
        data = self._outgoing if allowed == waiting else self._outgoing[:allowed]
        sent = self._connection.send_data(self._stream_id, data, end=ends)
        del self._outgoing[:sent]
        if self._allowance is not None:
            self._allowance -= sent
        if ends and not self._outgoing:
            self._over = True
            self._connection.forget(self._stream_id)
        if self._over or len(self._outgoing) < _ROOM_BYTES:
            self._room.set()
        else:
            self._room.clear()

    def allow(self, allowance_bytes: int | None) -> None:
        """Let so much of the body leave and hold the rest back; ``None`` holds nothing back any more.

        END_STREAM waits as well when nothing is allowed.
        """
        self._allowance = allowance_bytes
        if not self._over:
            self.flush()

    def reset(self, code: int) -> None:
        """RST_STREAM with this error code: the stream is lost on both sides."""
        if not self._over:
            self._connection.reset(self._stream_id, code)

    def block_window(self) -> None:
        """Let the client send nothing more of its body."""
        if not self._over:
            self._connection.block_window(self._stream_id)

    def unblock_window(self) -> None:
        """Let the client go on; without :meth:`block_window` this does nothing."""
        self._connection.unblock_window(self._stream_id)

    def abandon(self) -> None:
        """The client is gone."""
        self._over = True
        self._outgoing.clear()
        self._room.set()


class Http2Connection(asyncio.Protocol):
    """One client connection with any number of streams."""

    def __init__(
        self, open_request: Callable[[Request, Exchange], RequestHandler], connections: set[Http2Connection]
    ) -> None:
        self._open_request = open_request
        self._connections = connections
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self._windows = InboundWindows(self._h2, self._write_frame)
        self._filter = GoAwayFilter()
        self._handlers: dict[int, RequestHandler] = {}
        self._exchanges: dict[int, Exchange] = {}
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._goes_away = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)
        self._h2.initiate_connection()
        self._windows.announce()
        self._write()

    def data_received(self, data: bytes) -> None:
        self._acknowledge_at_once()
        try:
            events = self._h2.receive_data(self._filter.feed(data))
        except h2.exceptions.ProtocolError:
            # h2 has prepared the GOAWAY that says why.
            self._write()
            self.close()
            return
        for event in events:
            self._handle(event)
        self._write()

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
        for stream_id in list(self._handlers):
            self._lose(stream_id)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._flush_all()

    def close(self) -> None:
        """Close the TCP connection after what has been written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Cut the TCP connection with a RST; nothing that is still waiting leaves."""
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
        self._windows.unblock(stream_id)

    def _write(self) -> None:
        if self._transport is not None and (pending := self._h2.data_to_send()):
            self._transport.write(pending)

    def _write_frame(self, frame: bytes) -> None:
        """Write a whole frame that h2 does not know of, behind everything that h2 has prepared."""
        self._write()
        if self._transport is not None:
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
