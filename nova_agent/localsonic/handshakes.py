"""TLS handshakes that say in the log why they failed: asyncio closes such connections without a word."""

from __future__ import annotations

import ssl

import structlog

_log = structlog.get_logger(__name__)


class Handshake(ssl.SSLObject):
    """The server's side of one connection, for ``SSLContext.sslobject_class``.

    A client that just leaves is not seen here: asyncio tells nobody of it.
    """

    def do_handshake(self) -> None:
        """One step of the handshake; asyncio calls it when it has bytes, and at first when it has none.

        Raises:
            SSLError: the connection is to be closed (or another reason that ``ssl`` has).
        """
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            _log.info("localsonic.handshake_failed", reason=error.reason or str(error))
            raise
