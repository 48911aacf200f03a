from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nova_agent.localsonic import tls
from nova_agent.localsonic.tls import default_state_dir, open_authority


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """Run a TLS handshake in memory and return the client's side."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ends[0]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "sonic.internal"])
def test_a_client_with_the_bundle_trusts_the_endpoint(tmp_path: Path, name: str) -> None:
    authority = open_authority(tmp_path)
    client = ssl.create_default_context(cafile=str(authority.bundle_path))
    client.set_alpn_protocols(["h2"])
    end = handshake(authority.server_context(["sonic.internal"]), client, name)
    assert end.selected_alpn_protocol() == "h2"


def test_old_tls_is_refused(tmp_path: Path) -> None:
    assert open_authority(tmp_path).server_context([]).minimum_version is ssl.TLSVersion.TLSv1_2


def test_the_authority_is_kept_and_its_key_is_private(tmp_path: Path) -> None:
    first, second = open_authority(tmp_path), open_authority(tmp_path)
    assert first.certificate == second.certificate
    key = first.certificate_path.with_name("ca-key.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_bundle_keeps_the_public_authorities(tmp_path: Path) -> None:
    bundle = open_authority(tmp_path).bundle_path.read_bytes()
    assert bundle.count(b"BEGIN CERTIFICATE") > 50


def test_an_authority_about_to_expire_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "_AUTHORITY_DAYS", 30)
    with pytest.raises(OSError, match="cannot be read"):
        open_authority(tmp_path)
    monkeypatch.undo()
    left = open_authority(tmp_path).certificate.not_valid_after_utc - datetime.now(UTC)
    assert left > timedelta(days=360)


def test_a_damaged_authority_is_replaced(tmp_path: Path) -> None:
    first = open_authority(tmp_path)
    first.certificate_path.write_text("damaged")
    assert open_authority(tmp_path).certificate != first.certificate


def test_the_state_directory_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_state_dir() == tmp_path / "nova-agent" / "local-sonic"
