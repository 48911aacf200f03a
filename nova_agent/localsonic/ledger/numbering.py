"""Numbers every sample of a caller's audio, inaudibly, and reads the numbers back from what a stream received.

The number is not written out: the lowest bit of each sample is one of a long sequence in which any 26 bits in a row
tell where they stand. It survives cutting, joining and any chunking; it does not survive a change of rate or volume.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

import numpy as np

from nova_agent.localsonic.ledger.joints import Span, spans_of
from nova_agent.localsonic.ledger.runs import FIRST_POSITION, RunFinder
from nova_agent.localsonic.ledger.sequence import PERIOD, bits_at

NUMBERS: Final = PERIOD - FIRST_POSITION
"""How many numbers there are: enough for 69 minutes at 16 kHz."""

_BLOCK_BYTES: Final = 32_000
_RUNS_KEPT: Final = 10_000


def number_audio(pcm: bytes, first: int = 0) -> bytes:
    """Return the audio with its samples numbered from ``first`` on.

    Args:
        pcm: PCM s16le, mono, of any rate.
        first: the number of the first sample. Give callers of one endpoint ranges of their own.

    Raises:
        ValueError: there are not so many numbers, see :data:`NUMBERS`.
    """
    samples = np.frombuffer(pcm, "<i2")
    if not 0 <= first <= first + len(samples) <= NUMBERS:
        raise ValueError(f"{len(samples)} samples cannot be numbered from {first} on: there are {NUMBERS}")
    return (samples & -2 | bits_at(FIRST_POSITION + first, len(samples))).astype("<i2").tobytes()


class NumberTracker:
    """Follows the numbers in one stream's audio. It works in blocks of a second, so a chunk costs next to nothing."""

    def __init__(self) -> None:
        self._finder = RunFinder()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._samples = 0

    @property
    def samples(self) -> int:
        """All samples so far, numbered or not."""
        return self._samples

    @property
    def complete(self) -> bool:
        """Whether nothing was left out: beyond 10,000 cuts a stream's audio is not followed any further."""
        return len(self._finder.closed) < _RUNS_KEPT

    def start(self, rate_hz: int) -> None:
        """Audio of a rate follows; numbers do not depend on it."""

    def feed(self, pcm: bytes) -> None:
        """Take one audio event's samples, PCM s16le, mono, any number of them."""
        self._waiting.append(pcm)
        self._waiting_bytes += len(pcm)
        if self._waiting_bytes >= _BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Work on what waits for its block to fill."""
        sizes = [len(pcm) // 2 for pcm in self._waiting]
        edges = list(accumulate(sizes[:-1], initial=self._samples)) if sizes else []
        self._samples += sum(sizes)
        if self.complete and self._waiting_bytes:
            self._finder.take(np.frombuffer(b"".join(self._waiting), "<i2"), edges)
        self._waiting, self._waiting_bytes = [], 0

    def spans(self) -> list[Span]:
        """What has been received, in order; less than 64 samples in a row cannot be told from chance."""
        self.flush()
        return spans_of(self._finder.runs, self._finder.count)
