"""The endpoint's certificates: a private authority that is made once per user, and a fresh leaf at every start."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import shutil
import ssl
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nova_agent.localsonic.handshakes import Handshake

_AUTHORITY_DAYS: Final = 365
_LEAF_DAYS: Final = 90
_RENEW_BEFORE: Final = timedelta(days=_LEAF_DAYS + 1)
_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\s*", re.DOTALL)
_ALWAYS_VALID_FOR: Final = ("localhost", "127.0.0.1", "::1")


def default_state_dir() -> Path:
    """Return where this user's authority lives when nobody says otherwise."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "nova-agent" / "local-sonic"


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority on disk.

    ``certificate_path``: PEM. ``bundle_path``: PEM with the public authorities too, for SSL_CERT_FILE, which replaces
    a client's whole trust store.
    """

    certificate_path: Path
    bundle_path: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def server_context(self, names: Iterable[str]) -> ssl.SSLContext:
        """Return a server context (TLS 1.2 or later, ALPN h2) with a leaf for localhost and ``names``."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["h2"])
        context.sslobject_class = Handshake
        # Python's ssl reads certificates from files alone; this one is gone as soon as it has been read.
        with tempfile.TemporaryDirectory(prefix="local-sonic-") as folder:
            leaf = Path(folder) / "leaf.pem"
            _write_private(leaf, self._leaf_pem({*_ALWAYS_VALID_FOR, *names}))
            context.load_cert_chain(leaf)
        return context

    def _leaf_pem(self, names: set[str]) -> bytes:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder("Local Sonic", key, days=_LEAF_DAYS)
            .issuer_name(self.certificate.subject)
            .add_extension(x509.SubjectAlternativeName([_alt_name(name) for name in sorted(names)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return _key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def open_authority(state_dir: Path | None = None) -> Authority:
    """Load the authority in ``state_dir``, or make one if there is none that stays valid.

    Several processes may do so at once: the authority appears as a whole folder, and the first one wins.
    """
    base = state_dir or default_state_dir()
    base.mkdir(parents=True, exist_ok=True)
    folder = base / "authority"
    authority = _load(folder)
    if authority is None:
        _discard(folder)
        _create(base, folder)
        authority = _load(folder)
    if authority is None:
        raise OSError(f"the certificate authority in {folder} cannot be read; remove that folder and start again")
    return authority


def _load(folder: Path) -> Authority | None:
    try:
        certificate_pem = (folder / "ca.pem").read_bytes()
        key_pem = (folder / "ca-key.pem").read_bytes()
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (OSError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    if certificate.not_valid_after_utc - datetime.now(UTC) < _RENEW_BEFORE:
        return None
    bundle = folder / "bundle.pem"
    _write_atomically(bundle, _bundle(certificate_pem))
    return Authority(folder / "ca.pem", bundle, certificate, key)


def _create(base: Path, folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    unsigned = _builder("Nova Agent Local Sonic CA", key, days=_AUTHORITY_DAYS)
    certificate = (
        unsigned.issuer_name(_name("Nova Agent Local Sonic CA"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNS_CERTIFICATES, critical=True)
        .sign(key, hashes.SHA256())
    )
    fresh = Path(tempfile.mkdtemp(prefix="authority-", dir=base))
    _write_private(fresh / "ca-key.pem", _key_pem(key))
    (fresh / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    try:
        fresh.rename(folder)
    except OSError:
        shutil.rmtree(fresh)  # another process was first


def _discard(folder: Path) -> None:
    """Move an authority that is of no use out of the way as a whole, then delete it."""
    grave = Path(tempfile.mkdtemp(prefix="authority-", dir=folder.parent))
    with contextlib.suppress(FileNotFoundError):
        folder.rename(grave / "old")
    shutil.rmtree(grave)


def _bundle(certificate_pem: bytes) -> bytes:
    """Return our certificate and every public one this machine trusts, each once."""
    found = dict.fromkeys(_PEM.findall(certificate_pem))
    for source in _public_bundles():
        with contextlib.suppress(OSError):
            found.update(dict.fromkeys(_PEM.findall(source.read_bytes())))
    return b"".join(certificate.strip() + b"\n" for certificate in found)


def _public_bundles() -> list[Path]:
    sources = [Path(file) for file in (ssl.get_default_verify_paths().cafile,) if file]
    with contextlib.suppress(ModuleNotFoundError):
        import certifi  # noqa: PLC0415 - the system's bundle will do where it is not installed

        sources.append(Path(certifi.where()))
    return sources


_SIGNS_CERTIFICATES: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _builder(common_name: str, key: ec.EllipticCurvePrivateKey, *, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _alt_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _write_atomically(path: Path, content: bytes) -> None:
    descriptor, fresh = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(fresh).chmod(0o644)
    Path(fresh).replace(path)
