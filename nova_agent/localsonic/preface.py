"""What a connection begins with (RFC 9113, 3.4), and the answer to clients that speak another HTTP."""

from __future__ import annotations

from typing import Final

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_WANTED: Final = b"This endpoint speaks HTTP/2 over TLS alone (ALPN h2): let the client negotiate that.\n"

WRONG_HTTP: Final = (
    b"HTTP/1.1 505 HTTP Version Not Supported\r\n"
    b"content-type: text/plain\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_WANTED), _WANTED)
)
"""An answer that HTTP/1.1 clients can read and show."""


def begins_http2(first: bytes) -> bool:
    """Whether the first bytes of a connection, of any number, may be HTTP/2."""
    return first[: len(_PREFACE)] == _PREFACE[: len(first)]
