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

try:
    from smithy_aws_core.identity.environment import EnvironmentCredentialsResolver
except ImportError:  # before 0.1
    from smithy_aws_core.credentials_resolvers.environment import EnvironmentCredentialsResolver

NAME = f"aws_sdk_bedrock_runtime {version('aws_sdk_bedrock_runtime')}"


async def open_stream(endpoint: str, model_id: str) -> Any:
    """The SDK's duplex stream."""
    request = InvokeModelWithBidirectionalStreamOperationInput(model_id=model_id)
    return await (await _client(endpoint)).invoke_model_with_bidirectional_stream(request)


def chunk(raw: bytes) -> InvokeModelWithBidirectionalStreamInputChunk:
    """An event's JSON as the SDK takes it."""
    return InvokeModelWithBidirectionalStreamInputChunk(value=BidirectionalInputPayloadPart(bytes_=raw))


async def _client(endpoint: str) -> Any:
    """Names and defaults have changed: the client's name with 0.9, the configuration's with 0.10."""
    options: dict[str, Any] = {
        "endpoint_uri": endpoint,
        "region": "us-east-1",
        "aws_credentials_identity_resolver": EnvironmentCredentialsResolver(),
    }
    if hasattr(config, "AsyncBedrockRuntimeConfig"):
        settings = await config.AsyncBedrockRuntimeConfig.resolve(transport=AWSCRTHTTPClient(), **options)
    else:
        settings = config.Config(**options)
    kind = getattr(client, "AsyncBedrockRuntimeClient", None) or client.BedrockRuntimeClient
    return kind(config=settings)
