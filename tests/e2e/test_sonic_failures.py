"""Every fault of Local Sonic, as the AWS Python SDK raises it, has its reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from benchmarks.quiet_sonic import quiet_sonic
from benchmarks.sdk_session import ANSWER, BLOCKS, END, Limits, SdkWatch, Seen
from nova_agent.localsonic.faults.catalogue import CATALOGUE, Kind
from nova_agent.localsonic.server import LocalSonic
from nova_agent.sonic.failures import Failure, classify

# Those of exception frames and HTTP errors.
REASONS = {
    "internalServerException": "internal-error",
    "modelStreamErrorException": "model-stream-error",
    "validationException": "invalid-input",
    "throttlingException": "throttled",
    "modelTimeoutException": "model-timeout",
    "serviceUnavailableException": "service-unavailable",
    "rst-531": "transport-reset",
    "idle-532": "idle",
    "system-instability": "system-instability",
    "content-filter": "content-filter",
    "invalid-input": "invalid-input",
    "unknown-exception": "access-denied",
    "error-frame": "internal-error",
    "truncated-frame": "bad-frame",
    "corrupt-checksum": "bad-frame",
    "corrupt-prelude": "bad-frame",
    "http-400-quota": "quota",
    "http-403": "credentials-refused",
    "http-404": "model-not-found",
    "http-408": "model-timeout",
    "http-424": "model-error",
    "http-429": "throttled",
    "http-500": "internal-error",
    "http-503": "service-unavailable",
    "tls-failure": "unreachable",
    "refused": "unreachable",
}
# Nothing is raised: the stream ends, or a limit of ours runs out.
SILENT = dict.fromkeys(("silent-end", "rst", "tcp-cut", "tcp-close"), END) | dict.fromkeys(
    ("mute", "trickle", "slow-headers", "no-headers", "tls-stall"), BLOCKS
)
# The answer comes nevertheless; what is sent afterwards may wait for ever.
ANSWERED = {"blocked-window": ANSWER, "goaway": ANSWER}


@pytest.fixture
async def watched(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[LocalSonic, SdkWatch]]:
    # What the CRT's tasks say about a stream that broke is no finding of these tests.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    watch = SdkWatch(Limits(reading_s=1.2, sending_s=0.3, chunk_s=0.005))
    async with quiet_sonic() as sonic:
        monkeypatch.setenv("SSL_CERT_FILE", str(sonic.ca_bundle))
        yield sonic, watch
    await watch.aclose()


def reason(seen: Seen) -> Failure:
    return classify(seen.error, opened=seen.where == "receive")


@pytest.mark.parametrize("name", CATALOGUE)
async def test_what_the_sdk_shows_of_a_fault_is_told_apart(watched: tuple[LocalSonic, SdkWatch], name: str) -> None:
    sonic, watch = watched
    sonic.faults.add(CATALOGUE[name].example)
    seen = (await watch.session(sonic.endpoint_url)).reading
    if name in REASONS:
        assert reason(seen).reason == REASONS[name]
    else:
        assert seen.what == (SILENT | ANSWERED)[name]
    if CATALOGUE[name].kind not in (Kind.REFUSAL, Kind.HANDSHAKE):
        assert reason(seen).retry
