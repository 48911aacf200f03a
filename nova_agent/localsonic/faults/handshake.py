"""Faults before there is HTTP: what becomes of a TLS handshake.

``ssl`` lets a context say which class its connections are of, so that the endpoint's ordinary path stays asyncio's own.
"""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from typing import Final

import structlog

from nova_agent.localsonic.faults.plan import FaultPlan, Strike
from nova_agent.localsonic.faults.points import Opportunity
from nova_agent.localsonic.handshakes import Handshake
from nova_agent.localsonic.tls import open_authority

_log = structlog.get_logger(__name__)

_CONNECT: Final = Opportunity("connect")


def strike_handshakes(context: ssl.SSLContext, plan: FaultPlan) -> None:
    """Let every handshake of this server context ask the plan first."""

    class Struck(_Struck):
        faults = plan

    context.sslobject_class = Struck
    context.sni_callback = _client_said_hello


class _Struck(Handshake):
    faults: FaultPlan
    _is_decided = False
    _strike: Strike | None = None
    _failure: ssl.SSLError | None = None

    def do_handshake(self) -> None:
        """One step of the handshake; asyncio calls it when it has bytes, and at first when it has none.

        Raises:
            SSLError: the connection is to be closed (or another reason that ``ssl`` has).
        """
        if not self._is_decided:
            self._decide()
        match self._strike.fault.name if self._strike is not None else "":
            case "tls-stall":
                # asyncio closes it after its own limit, 60 seconds.
                raise ssl.SSLWantReadError
            case "refused":
                raise ssl.SSLError("a fault closes the connection")
            case "tls-failure" if self.gets_alert:
                self._say_alert()
            case _:
                super().do_handshake()

    @property
    def gets_alert(self) -> bool:
        """Whether the client's first message is answered with an alert."""
        strike = self._strike
        return strike is not None and (strike.fault.name, strike.value) == ("tls-failure", "alert")

    def _say_alert(self) -> None:
        """Fail in two steps: asyncio sends the alert only if the first one asks for more of the client's bytes.

        The client closes the connection then, as TLS wants it to (RFC 8446, 6.2).
        """
        if self._failure is not None:
            raise self._failure
        try:
            super().do_handshake()
        except ssl.SSLWantReadError:
            raise
        except ssl.SSLError as error:
            self._failure = error
            raise ssl.SSLWantReadError from error

    def _decide(self) -> None:
        self._is_decided = True
        self._strike = None if self.faults.is_idle else self.faults.strike(_CONNECT)
        if self._strike is None:
            return
        _log.info("localsonic.fault_struck", code=self._strike.fault.name, reason="connect")
        if self._strike.value == "authority":
            self.context = _strangers_context()


def _client_said_hello(connection: object, _name: str | None, _context: ssl.SSLContext) -> int | None:
    struck = isinstance(connection, _Struck) and connection.gets_alert
    return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE if struck else None


def _strangers_context() -> ssl.SSLContext:
    """A context whose certificate is good for this machine, and comes from an authority made for this occasion."""
    with tempfile.TemporaryDirectory(prefix="local-sonic-") as folder:
        return open_authority(Path(folder)).server_context(())
