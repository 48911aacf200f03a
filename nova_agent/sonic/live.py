"""What the conductor holds of each stream, and what is known between two of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from nova_agent.sonic.exchange import Recovery
from nova_agent.sonic.failures import Failure
from nova_agent.sonic.stream import SonicStream


class Connector(Protocol):
    """Makes requests for streams, and is told what becomes of them."""

    async def connect(self) -> SonicStream:
        """Ask for a stream and send its first events; the answer is not waited for."""
        ...

    def system(self) -> str:
        """The SYSTEM text as it stands now."""
        ...

    def failed(self, stream: SonicStream | None, failure: Failure) -> bool:
        """A stream has failed, or could not be had; say whether the next one goes to another region."""
        ...

    def serves(self, stream: SonicStream) -> None:
        """A stream has begun to serve."""
        ...

    def vacates(self, stream: SonicStream) -> None:
        """A stream serves no more, and the next one needs its place."""
        ...

    def released(self, stream: SonicStream) -> None:
        """A stream is closed."""
        ...

    def over(self) -> None:
        """No further stream is asked for now."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """A stream with its reader, whose result is the error that ended it; ``trouble`` is set by whoever meets one."""

    stream: SonicStream
    reader: asyncio.Task[BaseException | None]
    trouble: asyncio.Future[BaseException]

    def report(self, error: BaseException) -> None:
        if not self.trouble.done():
            self.trouble.set_result(error)

    async def ended(self) -> BaseException | None:
        """Wait for the end, and return the error, ``None`` for an end without a word."""
        await asyncio.wait((self.reader, self.trouble), return_when=asyncio.FIRST_COMPLETED)
        return self.trouble.result() if self.trouble.done() else self.reader.result()

    @property
    def is_over(self) -> bool:
        return self.reader.done() or self.trouble.done()


@dataclass(frozen=True, slots=True)
class Interim:
    """From one stream to the next: why, since when nobody serves, and what the next one begins with.

    ``position``: of the caller's audio, up to which it has been sent. ``recovery``: what is given once more. ``age_s``:
    of the stream that gave its place up in time, ``None`` where none did.
    """

    reason: str
    since: float
    position: int
    recovery: Recovery
    age_s: float | None = None
