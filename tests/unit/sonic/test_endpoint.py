from __future__ import annotations

from smithy_http.aio.crt import AWSCRTHTTPClient

from nova_agent.sonic.endpoint import SonicEndpoint, bedrock_transport


def test_a_transport_has_all_that_the_sdks_constructor_sets() -> None:
    transport = bedrock_transport(SonicEndpoint.in_region("us-east-1"))
    assert vars(AWSCRTHTTPClient()).keys() <= vars(transport).keys()


def test_transports_share_the_tls_context_and_the_native_event_loop() -> None:
    endpoint = SonicEndpoint.in_region("us-east-1")
    one, other = bedrock_transport(endpoint), bedrock_transport(endpoint)
    assert one._tls_ctx is other._tls_ctx
    assert one._eventloop is other._eventloop
    assert one._connections is not other._connections
