from __future__ import annotations

import pytest
from smithy_http.aio.crt import AWSCRTHTTPClient

from nova_agent.errors import SonicError
from nova_agent.sonic.endpoint import ADDRESS_VARIABLE, SonicEndpoint, bedrock_transport


def test_a_transport_has_all_that_the_sdks_constructor_sets() -> None:
    transport = bedrock_transport(SonicEndpoint.in_region("us-east-1"))
    assert vars(AWSCRTHTTPClient()).keys() <= vars(transport).keys()


def test_transports_share_the_tls_context_and_the_native_event_loop() -> None:
    endpoint = SonicEndpoint.in_region("us-east-1")
    one, other = bedrock_transport(endpoint), bedrock_transport(endpoint)
    assert one._tls_ctx is other._tls_ctx
    assert one._eventloop is other._eventloop
    assert one._connections is not other._connections


@pytest.mark.parametrize(
    "url", ["bedrock.internal:443", "http://127.0.0.1:8443", "https://", "https://host:notaport", "https://[::1"]
)
def test_an_address_from_the_environment_that_is_none_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS_VARIABLE, url)
    with pytest.raises(SonicError, match=r"AWS_ENDPOINT_URL_BEDROCK_RUNTIME: '.*' is no address.*or unset it"):
        SonicEndpoint.resolve()


def test_an_address_from_the_environment_comes_before_the_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS_VARIABLE, "https://127.0.0.1:8443/")
    assert SonicEndpoint.resolve(region="eu-north-1").url == "https://127.0.0.1:8443"
    monkeypatch.delenv(ADDRESS_VARIABLE)
    assert SonicEndpoint.resolve(region="eu-north-1").url == "https://bedrock-runtime.eu-north-1.amazonaws.com"
