"""A connection made long: everything arrives, in order, and not before its time."""

from __future__ import annotations

import asyncio

from benchmarks.handoff.proxy import carry


class Sink:
    """Notes what is written, and when."""

    def __init__(self) -> None:
        self.written: list[tuple[float, bytes]] = []
        self.is_closed = False

    def write(self, piece: bytes) -> None:
        self.written.append((asyncio.get_running_loop().time(), piece))

    async def drain(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True

    async def wait_closed(self) -> None: ...


async def test_bytes_keep_their_order_and_arrive_late() -> None:
    source, sink, loop = asyncio.StreamReader(), Sink(), asyncio.get_running_loop()
    carrying = asyncio.create_task(carry(source, sink, one_way_s=0.05))  # type: ignore[arg-type]
    sent = []
    for number in range(5):
        sent.append((loop.time(), b"%d" % number))
        source.feed_data(sent[-1][1])
        await asyncio.sleep(0.002)
    source.feed_eof()
    await asyncio.wait_for(carrying, 5)
    assert b"".join(piece for _, piece in sink.written) == b"01234"
    assert all(arrived - began >= 0.05 for (began, _), (arrived, _) in zip(sent, sink.written, strict=False))
    assert sink.is_closed


async def test_what_was_sent_together_is_not_spread_out() -> None:
    source, sink = asyncio.StreamReader(), Sink()
    carrying = asyncio.create_task(carry(source, sink, one_way_s=0.01))  # type: ignore[arg-type]
    source.feed_data(bytes(50_000))
    source.feed_eof()
    await asyncio.wait_for(carrying, 5)
    assert [len(piece) for _, piece in sink.written] == [50_000]
