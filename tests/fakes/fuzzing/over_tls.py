"""Cases through the whole endpoint: TLS, HTTP/2, and a stream that takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError

from tests.fakes.fuzzing.cases import Case
from tests.fakes.fuzzing.framing import message
from tests.fakes.fuzzing.oracle import Judge, Violated, expect
from tests.fakes.fuzzing.wire import Address, Wire, connected


async def run_over_tls(wire: Wire, case: Case) -> str:
    """Give a stream of its own the case, and return how it ended, in few words.

    Raises:
        Violated: the answer is against the protocol.
        TimeoutError: it does not come.
    """
    stream_id = wire.request()
    with suppress(ProtocolError):  # the endpoint may have ended the stream already
        for piece in case.pieces:
            await wire.send(stream_id, piece if case.is_framed else message(piece))
        if case.ends == "half-close":
            await wire.send(stream_id, b"", end=True)
        else:
            # What has been said so far is still to come.
            await asyncio.sleep(0.02 if case.ends == "silence" else 0.0)
            wire.h2.reset_stream(stream_id, ErrorCodes.CANCEL)
            wire.flush()
    is_cut = case.ends != "half-close"
    body = bytes(wire.bodies.get(stream_id, b"")) if is_cut else await wire.until_over(stream_id)
    expect(not wire.closed.is_set(), "the connection is closed over one stream")
    expect(wire.statuses.get(stream_id, "200") == "200", "a stream is refused")
    judge = Judge(is_lenient=case.profile == "lenient")
    judge.answer(body, is_cut=is_cut)
    wire.forget(stream_id)
    return "END_STREAM" if judge.exception is None else judge.exception[1]


async def run_all(
    address: Address, cases: Iterable[Case], note: Callable[[str], None], *, connections: int = 4
) -> list[tuple[Case, Exception]]:
    """Run cases over a few connections at once, and return those that failed. ``note`` is told how each ended."""
    waiting, failed = iter(cases), list[tuple[Case, Exception]]()

    async def work() -> None:
        async with connected(address) as wire:
            for case in waiting:
                try:
                    note(await run_over_tls(wire, case))
                except (Violated, TimeoutError, ConnectionError) as error:
                    failed.append((case, error))
                    if wire.closed.is_set():
                        return

    await asyncio.gather(*(work() for _ in range(connections)))
    failed += [(case, ConnectionError("every connection was closed")) for case in waiting]
    return failed
