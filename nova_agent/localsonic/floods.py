"""Tells a connection's traffic from a flood, frame by frame, by their headers. No I/O."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from nova_agent.localsonic.limits import FRAME_BYTES

_DATA, _HEADERS, _WINDOW_UPDATE = 0x0, 0x1, 0x8
_FRAME_SIZE_ERROR, _ENHANCE_YOUR_CALM = 0x6, 0xB

# Frames that bring nothing: a client needs a handful a second.
_BURST_FRAMES: Final = 2_000
_FRAMES_A_SECOND: Final = 200
# A request makes more work than other frames do: 500 at once, and 50 a second on each connection.
_REQUEST_COST: Final = 4.0
# Windows are given back with every piece of an answer, and pieces of a body may be small: 100 streams do it at once.
_SMALL_COST: Final = 0.01
_SMALL_BYTES: Final = 64


class Flood(Exception):
    """A client sends more than it could have use for. ``code``: the HTTP/2 error code that says so."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class FloodGuard:
    """Watches the frames of one connection."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._left = float(_BURST_FRAMES)
        self._counted_at = now()

    def check(self, header: bytes) -> None:
        """Take the nine bytes before a frame.

        Raises:
            Flood: the frame is too large, or one too many.
        """
        length, kind = int.from_bytes(header[:3], "big"), header[3]
        if kind == _DATA and _SMALL_BYTES <= length <= FRAME_BYTES:
            return
        if length > FRAME_BYTES:
            # h2 would first take in the whole of it (h2 4.4).
            raise Flood(_FRAME_SIZE_ERROR)
        is_small = kind == _WINDOW_UPDATE or (kind == _DATA and length)
        self._spend(_SMALL_COST if is_small else _REQUEST_COST if kind == _HEADERS else 1.0)

    def _spend(self, cost: float) -> None:
        now = self._now()
        earned = (now - self._counted_at) * _FRAMES_A_SECOND
        self._left = min(self._left + earned, _BURST_FRAMES) - cost
        self._counted_at = now
        if self._left < 0:
            raise Flood(_ENHANCE_YOUR_CALM)
