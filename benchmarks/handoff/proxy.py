"""A TCP proxy on loopback that makes a connection long: every byte arrives so much later, in either direction.

It keeps the order, holds any amount, and reads nothing: TLS passes through it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

_CHUNK_BYTES: Final = 65_536


@asynccontextmanager
async def delaying_proxy(host: str, port: int, *, one_way_s: float) -> AsyncIterator[int]:
    """Stand before ``host``:``port`` until the block ends; yields the port to connect to.

    A connection's handshake is that of loopback: to a real host at this distance it would take one round trip more.
    """
    carrying: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, port)
        for ends in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(carry(*ends, one_way_s=one_way_s))
            carrying.add(task)
            task.add_done_callback(carrying.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)


async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, one_way_s: float) -> None:
    """Carry one direction until it ends; its end arrives late too."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    taking = asyncio.create_task(_take(source, under_way, one_way_s))
    try:
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(due - loop.time())
            if not piece:
                return
            sink.write(piece)
            await sink.drain()
    except OSError:
        return
    finally:
        taking.cancel()
        sink.close()
        with contextlib.suppress(OSError):
            await sink.wait_closed()


async def _take(source: asyncio.StreamReader, under_way: asyncio.Queue[tuple[float, bytes]], one_way_s: float) -> None:
    """Note when each piece came; an empty one is the end."""
    loop = asyncio.get_running_loop()
    piece = b"."
    while piece:
        try:
            piece = await source.read(_CHUNK_BYTES)
        except OSError:
            piece = b""
        under_way.put_nowait((loop.time() + one_way_s, piece))
