"""What our stream raises for what the wire brings, where it reads frames itself and no SDK does."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

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


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")


def opening(stream: SonicStream) -> list[str]:
    return [
        stream.builder.create_session_start_event(1024, 0.9, 0.7, "MEDIUM"),
        stream.builder.create_prompt_start_event("tiffany", 24_000, None),
    ]


@pytest.mark.parametrize("fault", REASONS)
async def test_the_end_of_a_stream_is_told_as_the_sdk_would(fault: str) -> None:
    async with quiet_sonic(f"{fault}@event=audioInput") as sonic:
        endpoint = SonicEndpoint(sonic.endpoint_url, "us-east-1", sonic.ca_bundle)
        stream = SonicStream(endpoint, SonicCredentials(), "amazon.nova-2-sonic-v1:0")
        await stream.request(opening(stream))
        reading = asyncio.create_task(read(stream))
        await stream.begin("Be brief.", [])
        await stream.send_audio("AAAA" * 256, 384)
        async with asyncio.timeout(LIMIT_S):
            assert classify(await reading, opened=True).reason == REASONS[fault]
        await stream.close()


async def test_a_stream_that_is_closed_at_any_moment_of_its_opening_leaves_nothing() -> None:
    complaints = list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with quiet_sonic() as sonic:
        endpoint = SonicEndpoint(sonic.endpoint_url, "us-east-1", sonic.ca_bundle)
        before = asyncio.all_tasks()
        for ms in range(0, 40, 2):
            stream = SonicStream(endpoint, SonicCredentials(), "amazon.nova-2-sonic-v1:0")
            await stream.request(opening(stream))
            await asyncio.sleep(ms / 1000)
            await stream.close()
        async with asyncio.timeout(LIMIT_S):
            while asyncio.all_tasks() - before or sonic.open_streams:  # noqa: ASYNC110 – tasks are what is counted
                await asyncio.sleep(0.05)
        gc.collect()
    assert complaints == []


async def read(stream: SonicStream) -> Exception | None:
    """Read to the end, and return what it was."""
    try:
        async for _ in stream.events():
            pass
    except Exception as error:  # noqa: BLE001 – whatever it is, it is told apart
        return error
    return None
