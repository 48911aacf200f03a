"""A request that fails before it is sent says so, at once, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from smithy_aws_core.identity import AWSCredentialsIdentity

from nova_agent.sonic.asking import ask
from nova_agent.sonic.endpoint import SonicEndpoint, bedrock_transport
from nova_agent.sonic.failures import classify

LASTING = AWSCredentialsIdentity(access_key_id="AKIDEXAMPLE", secret_access_key="none")
EXPIRED = AWSCredentialsIdentity(
    access_key_id="AKIDEXAMPLE", secret_access_key="none", expiration=datetime.now(UTC) - timedelta(seconds=1)
)
LOCAL = "https://127.0.0.1:9"


@pytest.mark.parametrize(
    ("url", "identity", "message", "reason"),
    [
        (LOCAL, EXPIRED, "Provided identity expired", "credentials-expired"),
        ("https://host:notaport", LASTING, "notaport", "unknown"),
        ("bedrock.internal:443", LASTING, "Unable to parse hostname", "unknown"),
    ],
)
async def test_what_fails_before_it_is_sent_is_raised(
    url: str, identity: AWSCredentialsIdentity, message: str, reason: str
) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    before = asyncio.all_tasks()
    endpoint = SonicEndpoint(url, "us-east-1")
    with pytest.raises(Exception, match=message) as raised:
        async with asyncio.timeout(2):  # the SDK alone waits for ever
            await ask(endpoint, identity, bedrock_transport(endpoint), model_id="amazon.nova-2-sonic-v1:0")
    assert classify(raised.value, opened=False).reason == reason
    del raised
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    assert asyncio.all_tasks() == before
    assert complaints == []
