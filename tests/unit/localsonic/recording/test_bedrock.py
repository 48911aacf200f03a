"""Addresses and authorities of the service behind a recorder."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_agent.errors import SonicError
from nova_agent.localsonic.recording.bedrock import BedrockUpstream, service_url


@pytest.mark.parametrize("url", ["bedrock", "http://127.0.0.1:8443", "https://", "127.0.0.1:8443"])
def test_what_is_no_https_address_is_named(url: str) -> None:
    with pytest.raises(SonicError, match="is no address to forward to"):
        BedrockUpstream(url, "us-east-1")


def test_an_address_has_no_slash_at_its_end() -> None:
    assert BedrockUpstream("https://127.0.0.1:8443/", "us-east-1").url == "https://127.0.0.1:8443"


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_named(tmp_path: Path, content: str | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content, encoding="utf-8")
    with pytest.raises(SonicError, match=r"ca\.pem: cannot be read as certificate authorities"):
        BedrockUpstream("https://127.0.0.1:8443", "us-east-1", ca_file=ca_file)


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ("eu-north-1", "https://bedrock-runtime.eu-north-1.amazonaws.com"),
        ("cn-north-1", "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_service_of_a_region_has_its_address(region: str, url: str) -> None:
    assert service_url(region) == url
