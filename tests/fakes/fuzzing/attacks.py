"""What hostile clients do to an endpoint: each attack goes on until it is stopped, or its time is up."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, cycle, islice, repeat
from typing import Any, Final, Literal
from zlib import crc32

from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from hpack import Encoder

from tests.fakes.fuzzing.framing import message
from tests.fakes.fuzzing.sessions import SESSIONS, as_json
from tests.fakes.fuzzing.wire import PREFACE, Address, Wire, connected, frame, request_headers

_DATA, _HEADERS, _PRIORITY, _RESET, _SETTINGS, _PING, _WINDOW_UPDATE = 0, 1, 2, 3, 4, 6, 8
_CONTINUATION, _UNKNOWN = 9, 99
_END_HEADERS: Final = 4
_GREETING: Final = PREFACE + frame(_SETTINGS)
_BURST: Final = 5_000
"""Frames written at once."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """``after_s``: when the endpoint closed the connection, ``None`` if it did not. ``goaway``: with which code."""

    after_s: float | None
    goaway: int | None = None


Attack = Callable[[Address, float], Coroutine[Any, Any, Reaction]]


async def connect_and_wait(address: Address, limit_s: float) -> Reaction:
    """TCP, and not a byte of TLS."""
    began = asyncio.get_running_loop().time()
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        async with asyncio.timeout(limit_s):
            await reader.read()
        return Reaction(asyncio.get_running_loop().time() - began)
    except TimeoutError:
        return Reaction(None)
    finally:
        writer.transport.abort()


async def greet_and_wait(address: Address, limit_s: float) -> Reaction:
    """TLS, and not a byte of HTTP/2."""
    async with connected(address, greets=False) as wire:
        wire.only_read()
        return await _watched(wire, limit_s)


async def greet_slowly(address: Address, limit_s: float) -> Reaction:
    """The preface, byte by byte, and then SETTINGS without end."""
    return await _flood(address, limit_s, _slowly(), pause_s=0.05, greeting=b"")


def _slowly() -> Iterator[bytes]:
    return (bytes((byte,)) for byte in chain(PREFACE, cycle(frame(_SETTINGS))))


async def leave_headers_open(address: Address, limit_s: float) -> Reaction:
    """A request whose headers never end."""
    async with connected(address, greets=False) as wire:
        wire.only_read()
        wire.write(_GREETING + frame(_HEADERS, b"\x82", stream_id=1))
        return await _watched(wire, limit_s)


async def continue_headers(address: Address, limit_s: float) -> Reaction:
    """CONTINUATION frames without end."""
    opening = _GREETING + frame(_HEADERS, b"\x82", stream_id=1)
    return await _flood(address, limit_s, repeat(frame(_CONTINUATION, b"", stream_id=1)), greeting=opening)


async def swell_headers(address: Address, limit_s: float) -> Reaction:
    """Four thousand bytes in the dynamic table, and a request that refers to them a thousand times."""
    stored = b"\x40\x01x\x7f" + _hpack_integer(4_000 - 127) + b"y" * 4_000
    block = stored + b"\xbe" * 10_000
    return await _flood(address, limit_s, iter([frame(_HEADERS, block, flags=_END_HEADERS, stream_id=1)]))


def _hpack_integer(rest: int) -> bytes:
    """What follows a full prefix (RFC 7541, 5.1)."""
    digits = bytearray()
    while rest >= 128:
        digits.append(rest % 128 + 128)
        rest //= 128
    return bytes((*digits, rest))


async def flood_settings(address: Address, limit_s: float) -> Reaction:
    """SETTINGS without end, each of which wants an answer that nobody reads."""
    return await _flood(address, limit_s, repeat(frame(_SETTINGS)), reads=False)


async def flood_pings(address: Address, limit_s: float) -> Reaction:
    """The same with PING."""
    return await _flood(address, limit_s, repeat(frame(_PING, bytes(8))), reads=False)


async def flood_priorities(address: Address, limit_s: float) -> Reaction:
    return await _flood(address, limit_s, repeat(frame(_PRIORITY, bytes(5), stream_id=1)))


async def flood_unknown_frames(address: Address, limit_s: float) -> Reaction:
    return await _flood(address, limit_s, repeat(frame(_UNKNOWN, b"x")))


async def flood_empty_data(address: Address, limit_s: float) -> Reaction:
    """Pieces of a body without a byte in them."""
    async with connected(address) as wire:
        stream_id = wire.request()
        return await _pour(wire, limit_s, repeat(frame(_DATA, stream_id=stream_id)))


async def flood_windows(address: Address, limit_s: float) -> Reaction:
    """Room for the answer, byte by byte."""
    return await _flood(address, limit_s, repeat(frame(_WINDOW_UPDATE, (1).to_bytes(4, "big"))))


async def overflow_window(address: Address, limit_s: float) -> Reaction:
    """More room than there is room for."""
    return await _flood(address, limit_s, iter([frame(_WINDOW_UPDATE, (2**31 - 1).to_bytes(4, "big"))] * 2))


async def reset_rapidly(address: Address, limit_s: float) -> Reaction:
    """Streams that are opened and reset at once (CVE-2023-44487)."""
    return await _flood(address, limit_s, _resets())


def _resets() -> Iterator[bytes]:
    encoder = Encoder()
    for stream_id in range(1, 2**31, 2):
        opening = frame(_HEADERS, encoder.encode(request_headers()), flags=_END_HEADERS, stream_id=stream_id)
        yield opening + frame(_RESET, bytes(4), stream_id=stream_id)


async def open_too_many(address: Address, limit_s: float) -> Reaction:
    """More streams at once than the endpoint has allowed."""
    block = Encoder().encode(request_headers())
    openings = (frame(_HEADERS, block, flags=_END_HEADERS, stream_id=1 + 2 * index) for index in range(500))
    return await _flood(address, limit_s, openings)


async def announce_a_giant_frame(address: Address, limit_s: float) -> Reaction:
    """An HTTP/2 frame of 16 MiB, whose bytes trickle in."""
    header = _GREETING + (2**24 - 1).to_bytes(3, "big") + bytes((_DATA, 0)) + (1).to_bytes(4, "big")
    return await _flood(address, limit_s, repeat(b"x"), pause_s=0.02, greeting=header)


async def send_giant_messages(address: Address, limit_s: float) -> Reaction:
    """Half of ten messages of 16 MiB: more than there is room for."""
    lengths = struct.pack("!II", 16 * 1024 * 1024, 0)
    half = lengths + crc32(lengths).to_bytes(4, "big") + bytes(8 * 1024 * 1024)
    async with connected(address) as wire:
        began = asyncio.get_running_loop().time()
        with suppress(TimeoutError, ProtocolError):
            async with asyncio.timeout(limit_s):
                while not wire.over and len(wire.h2.streams) < 10:
                    await wire.send(wire.request(), half)
                    await asyncio.sleep(0.01)
        is_over = bool(wire.over) or wire.is_closed
        return Reaction(asyncio.get_running_loop().time() - began if is_over else None, wire.goaway)


async def never_read(address: Address, limit_s: float) -> Reaction:
    """Type without end, and have no room for the answers."""
    opened, typed = [*SESSIONS[1][:11], *SESSIONS[1][11:13]], SESSIONS[1][13:16]
    async with connected(address) as wire:
        wire.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
        stream_id = wire.request()
        for event in opened:
            await wire.send(stream_id, message(as_json(event)))
        texts = b"".join(message(as_json(event)) for event in typed) * 20
        began = asyncio.get_running_loop().time()
        with suppress(TimeoutError, ProtocolError):
            async with asyncio.timeout(limit_s):
                while not (stream_id in wire.over or wire.is_closed):
                    await wire.send(stream_id, texts)
                    await asyncio.sleep(0)
        is_over = stream_id in wire.over or wire.is_closed
        return Reaction(asyncio.get_running_loop().time() - began if is_over else None, wire.goaway)


async def _flood(
    address: Address,
    limit_s: float,
    frames: Iterator[bytes],
    *,
    pause_s: float = 0.0,
    greeting: bytes = _GREETING,
    reads: bool = True,
) -> Reaction:
    """Send frames past h2 on a connection of their own."""
    async with connected(address, greets=False) as wire:
        if reads:
            wire.only_read()
        wire.write(greeting)
        return await _pour(wire, limit_s, frames, pause_s=pause_s)


async def _pour(wire: Wire, limit_s: float, frames: Iterator[bytes], *, pause_s: float = 0.0) -> Reaction:
    """Send frame after frame, many at once unless there is a pause after each, until the endpoint closes."""
    began = asyncio.get_running_loop().time()
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(limit_s):
            while burst := b"".join(islice(frames, 1 if pause_s else _BURST)):
                wire.write(burst)
                await wire.writer.drain()
                await asyncio.sleep(pause_s)
                if wire.is_closed:
                    break
    return await _watched(wire, began + limit_s - asyncio.get_running_loop().time(), began)


async def _watched(wire: Wire, limit_s: float, began: float | None = None) -> Reaction:
    """Wait for the endpoint to close; a client that does not read notices it by its socket."""
    now = asyncio.get_running_loop().time
    began = now() if began is None else began
    ends_at = now() + limit_s
    while not (is_closed := wire.is_closed) and now() < ends_at:  # noqa: ASYNC110 - no event for it
        await asyncio.sleep(0.01)
    return Reaction(now() - began if is_closed else None, wire.goaway)


ATTACKS: Final[dict[str, Attack]] = {
    attack.__name__: attack
    for attack in (
        connect_and_wait,
        greet_and_wait,
        greet_slowly,
        leave_headers_open,
        continue_headers,
        swell_headers,
        flood_settings,
        flood_pings,
        flood_priorities,
        flood_unknown_frames,
        flood_empty_data,
        flood_windows,
        overflow_window,
        reset_rapidly,
        open_too_many,
        announce_a_giant_frame,
        send_giant_messages,
        never_read,
    )
}

Leaving = Literal["reset", "cut", "silence"]


async def abandon(address: Address, leaving: Leaving, *, streams: int, connections: int) -> int:
    """Open streams up to their audio and leave them, so many on each connection; return how many were opened.

    ``leaving``: reset each, cut the TCP connections, or say nothing more until the endpoint has ended all of them.
    """
    opening = b"".join(message(as_json(event)) for event in SESSIONS[0][:7])
    opened = 0
    for _ in range(connections):
        async with connected(address) as wire:
            stream_ids = []
            for _ in range(streams // connections):
                stream_ids.append(wire.request())
                await wire.send(stream_ids[-1], opening)
                opened += 1
                if leaving == "reset":
                    wire.h2.reset_stream(stream_ids[-1])
                    wire.flush()
            await wire.until_taken()
            for stream_id in stream_ids if leaving == "silence" else ():
                await wire.until_over(stream_id)
    return opened
