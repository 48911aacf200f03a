"""Opens a stream with whatever version of ``aws_sdk_bedrock_runtime`` is installed."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from aws_sdk_bedrock_runtime import client, config
from aws_sdk_bedrock_runtime.models import (
    BidirectionalInputPayloadPart,
    InvokeModelWithBidirectionalStreamInputChunk,
    InvokeModelWithBidirectionalStreamOperationInput,
)
from smithy_http.aio.crt import AWSCRTHTTPClient

NAME = f"aws_sdk_bedrock_runtime {version('aws_sdk_bedrock_runtime')}"
_REGION = "us-east-1"


async def open_stream(endpoint: str, model_id: str) -> Any:
    """The SDK's duplex stream."""
    request = InvokeModelWithBidirectionalStreamOperationInput(model_id=model_id)
    return await (await _client(endpoint)).invoke_model_with_bidirectional_stream(request)


def chunk(raw: bytes) -> InvokeModelWithBidirectionalStreamInputChunk:
    """An event's JSON as the SDK takes it."""
    return InvokeModelWithBidirectionalStreamInputChunk(value=BidirectionalInputPayloadPart(bytes_=raw))


async def _client(endpoint: str) -> Any:
    if not hasattr(client, "AsyncBedrockRuntimeClient"):  # renamed in 0.10
        return client.BedrockRuntimeClient(config=_old_config(endpoint))
    from smithy_aws_core.identity import EnvironmentCredentialsResolver  # noqa: PLC0415 – moved between versions

    return client.AsyncBedrockRuntimeClient(
        config=await config.AsyncBedrockRuntimeConfig.resolve(
            endpoint_uri=endpoint,
            region=_REGION,
            aws_credentials_identity_resolver=EnvironmentCredentialsResolver(),
            transport=AWSCRTHTTPClient(),
        )
    )


def _old_config(endpoint: str) -> Any:
    from smithy_aws_core.credentials_resolvers.environment import (  # noqa: PLC0415 – moved between versions
        EnvironmentCredentialsResolver,
    )

    return config.Config(
        endpoint_uri=endpoint, region=_REGION, aws_credentials_identity_resolver=EnvironmentCredentialsResolver()
    )
