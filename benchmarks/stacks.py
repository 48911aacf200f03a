"""Where a process's main thread spends its CPU: a sample of its stack for every ten milliseconds of CPU time.

The timer counts CPU time and not the clock, and the stack is taken in the thread itself: a thread that samples another
one gets to run where that one lets go of the interpreter's lock, and would see little else.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Final

_INTERVAL_S: Final = 0.01

# The first part whose files a stack touches, from the inside out, gets the sample. Answers are told by a frame anywhere
# in the stack: what it costs to send them is theirs, down to the encryption.
_ANSWERS: Final = ("localsonic/speaking.py", "localsonic/turns.py", "localsonic/mouth.py", "localsonic/brain/")
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "TLS and sockets": ("asyncio/sslproto.py", "asyncio/selector_events.py", "/ssl.py"),
    "HTTP/2": (
        "/h2/",
        "/hyperframe/",
        "/hpack/",
        "localsonic/http2.py",
        "localsonic/windows.py",
        "localsonic/goaway.py",
    ),
    "frames and JSON": (
        "localsonic/frames.py",
        "localsonic/envelope.py",
        "localsonic/reading.py",
        "localsonic/inputs.py",
        "/pydantic/",
    ),
    "speech detection (Silero)": ("localsonic/ears.py", "/onnxruntime/"),
    "other listening": ("localsonic/listening.py", "localsonic/endpointing.py"),
    "ledger": ("localsonic/ledger/",),
    "faults": ("localsonic/faults/",),
    "order of events": ("localsonic/",),
    "event loop": ("/asyncio/", "/selectors.py"),
}
PARTS: Final = (*_PARTS, "answers, sent", "others")
IDLE: Final = "idle"


class StackSampler:
    """Samples while it is running. Use it in the main thread."""

    def __init__(self) -> None:
        self.samples: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to sample."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL_S, _INTERVAL_S)

    def stop(self) -> None:
        """Sample no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _sample(self, number: int, frame: FrameType | None) -> None:
        self.samples[part_of([each.f_code.co_filename for each in _outwards(frame)])] += 1


def part_of(files: list[str]) -> str:
    """Name the part that a stack belongs to, by its files from the inside out."""
    if files and files[0].endswith("/selectors.py"):
        return IDLE
    if any(mark in file for file in files for mark in _ANSWERS):
        return "answers, sent"
    for file in files:
        for part, marks in _PARTS.items():
            if any(mark in file for mark in marks):
                return part
    return "others"


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
