"""Handshakes that fail, between a client and a server in memory."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

import pytest

from nova_agent.localsonic.faults.handshake import strike_handshakes
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.localsonic.tls import Authority, open_authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return open_authority(tmp_path_factory.mktemp("authority"))


class Handshake:
    """The two ends of one connection."""

    def __init__(self, server: ssl.SSLContext, ca: Path) -> None:
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server = server.wrap_bio(to_server, to_client, server_side=True)
        client = ssl.create_default_context(cafile=str(ca))
        self.client = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
        self.sent = to_client

    def step(self) -> None:
        """Let both ends do what they can."""
        for end in (self.server, self.client):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()

    def finish(self) -> bool:
        for _ in range(4):
            self.step()
        return self.client.version() is not None and self.server.version() is not None


def context(authority: Authority, *texts: str) -> tuple[ssl.SSLContext, FaultPlan]:
    server, plan = authority.server_context(()), FaultPlan(texts)
    strike_handshakes(server, plan)
    return server, plan


def test_without_faults_a_handshake_succeeds(authority: Authority) -> None:
    server, _ = context(authority)
    assert Handshake(server, authority.certificate_path).finish()


def test_an_alert_ends_the_first_handshake_and_not_the_second(authority: Authority) -> None:
    server, plan = context(authority, "tls-failure@connect")
    struck = Handshake(server, authority.certificate_path)
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake.failure"):
        struck.finish()
    with pytest.raises(ssl.SSLError, match=r"(?i)callback"):
        struck.server.do_handshake()
    assert Handshake(server, authority.certificate_path).finish()
    assert [fired.point for fired in plan.fired] == ["connect"]


def test_a_strangers_certificate_is_not_trusted(authority: Authority) -> None:
    server, _ = context(authority, "tls-failure:authority@connect")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"(?i)unable to get|self.signed"):
        Handshake(server, authority.certificate_path).finish()
    assert Handshake(server, authority.certificate_path).finish()


def test_a_stalled_handshake_is_never_answered(authority: Authority) -> None:
    server, _ = context(authority, "tls-stall@connect")
    struck = Handshake(server, authority.certificate_path)
    assert not struck.finish()
    assert struck.sent.pending == 0


def test_a_refused_connection_is_closed_before_the_first_byte(authority: Authority) -> None:
    server, _ = context(authority, "refused@connect")
    struck = Handshake(server, authority.certificate_path)
    with pytest.raises(ssl.SSLError, match="a fault closes"):
        struck.server.do_handshake()
    assert struck.sent.pending == 0
