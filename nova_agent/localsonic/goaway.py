"""Takes GOAWAY frames out of what a client sends.

Node's HTTP/2 client says GOAWAY as soon as response headers arrive and goes on with its stream, which RFC 9113 allows;
h2 4.4 closes its state machine on a received GOAWAY and refuses the next DATA.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_PREFACE_BYTES: Final = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
_HEADER_BYTES: Final = 9
_GOAWAY: Final = 0x7


class GoAwayFilter:
    """Passes a client's bytes on, without its GOAWAY frames, in pieces of any size.

    ``check`` sees the nine bytes before each frame; what it raises comes out of :meth:`feed`.
    """

    def __init__(self, check: Callable[[bytes], None] = lambda _: None) -> None:
        self._check = check
        self._header = bytearray()
        self._remaining = _PREFACE_BYTES
        self._dropping = False

    def feed(self, data: bytes) -> bytes:
        """Return the bytes that may go on; an incomplete frame header is held back."""
        passed: list[bytes] = []
        at = 0
        while at < len(data):
            if self._remaining:
                end = min(len(data), at + self._remaining)
                self._remaining -= end - at
                if not self._dropping:
                    passed.append(data[at:end])
            else:
                end = min(len(data), at + _HEADER_BYTES - len(self._header))
                self._header += data[at:end]
                if len(self._header) == _HEADER_BYTES:
                    passed.append(self._start_frame())
            at = end
        return b"".join(passed)

    def _start_frame(self) -> bytes:
        header, self._header = bytes(self._header), bytearray()
        self._check(header)
        self._remaining = int.from_bytes(header[:3], "big")
        self._dropping = header[3] == _GOAWAY
        return b"" if self._dropping else header
