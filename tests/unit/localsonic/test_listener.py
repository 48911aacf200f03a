"""The address that is printed is one that a client on this machine can use."""

from __future__ import annotations

import pytest

from nova_agent.localsonic.listener import ListenAddress, Listener


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - a name, nothing listens
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("sonic", "sonic"),
    ],
)
def test_the_url_leads_to_the_family_that_is_listened_on(host: str, named: str) -> None:
    assert Listener(ListenAddress(host)).endpoint_url == f"https://{named}:0"
