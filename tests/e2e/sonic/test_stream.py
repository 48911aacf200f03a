"""What our stream raises for what the wire brings, where it reads frames itself and no SDK does."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.quiet_sonic import quiet_sonic
from nova_agent.sonic import SonicCredentials, SonicEndpoint
from nova_agent.sonic.failures import classify
from nova_agent.sonic.stream import SonicStream

LIMIT_S = 10.0
REASONS = {
    "internalServerException": "internal-error",
    "throttlingException": "throttled",
    "validationException": "invalid-input",
    "idle-532": "idle",
    "unknown-exception": "access-denied",
    "error-frame": "internal-error",
    "truncated-frame": "bad-frame",
    "corrupt-checksum": "bad-frame",
    "corrupt-prelude": "bad-frame",
    "silent-end": "ended",
}


@pytest.mark.parametrize("fault", REASONS)
async def test_the_end_of_a_stream_is_told_as_the_sdk_would(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    async with quiet_sonic(f"{fault}@event=audioInput") as sonic:
        endpoint = SonicEndpoint(sonic.endpoint_url, "us-east-1", sonic.ca_bundle)
        stream = SonicStream(endpoint, SonicCredentials(), "amazon.nova-2-sonic-v1:0")
        await stream.request(
            [
                stream.builder.create_session_start_event(1024, 0.9, 0.7, "MEDIUM"),
                stream.builder.create_prompt_start_event("tiffany", 24_000, None),
            ]
        )
        reading = asyncio.create_task(read(stream))
        await stream.begin("Be brief.", [])
        await stream.send_audio("AAAA" * 256, 384)
        async with asyncio.timeout(LIMIT_S):
            assert classify(await reading, opened=True).reason == REASONS[fault]
        await stream.close()


async def read(stream: SonicStream) -> Exception | None:
    """Read to the end, and return what it was."""
    try:
        async for _ in stream.events():
            pass
    except Exception as error:  # noqa: BLE001 – whatever it is, it is told apart
        return error
    return None
