"""What each fault looks like to the AWS Python SDK; each strikes once, and the endpoint is healthy afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from benchmarks.quiet_sonic import quiet_sonic
from benchmarks.sdk_session import ANSWER, BLOCKS, END, FINE, Limits, SdkWatch, Session
from nova_agent.localsonic.faults.catalogue import CATALOGUE
from nova_agent.localsonic.server import LocalSonic

# By fault: which call shows it, and as what. Waits are for ever, as far as a test can tell.
READING = {
    "internalServerException": ("receive", "InternalServerException"),
    "modelStreamErrorException": ("receive", "ModelStreamErrorException"),
    "validationException": ("receive", "ValidationException"),
    "throttlingException": ("receive", "ThrottlingException"),
    "modelTimeoutException": ("receive", "ModelTimeoutException"),
    "serviceUnavailableException": ("receive", "ServiceUnavailableException"),
    "rst-531": ("receive", "ValidationException"),
    "idle-532": ("receive", "ValidationException"),
    "system-instability": ("receive", "ValidationException"),
    "content-filter": ("receive", "ValidationException"),
    "invalid-input": ("receive", "ValidationException"),
    "unknown-exception": ("receive", "KeyError"),
    "error-frame": ("receive", "UnmodeledEventError"),
    "truncated-frame": ("receive", "InvalidEventBytes"),
    "corrupt-checksum": ("receive", "ChecksumMismatch"),
    "corrupt-prelude": ("receive", "ChecksumMismatch"),
    "silent-end": ("receive", END),
    "rst": ("receive", END),
    "mute": ("receive", BLOCKS),
    "trickle": ("receive", BLOCKS),
    "blocked-window": ("receive", ANSWER),
    "slow-headers": ("await_output", BLOCKS),
    "no-headers": ("await_output", BLOCKS),
    "tcp-cut": ("receive", END),
    "tcp-close": ("receive", END),
    "goaway": ("receive", ANSWER),
    "http-400-quota": ("await_output", "ServiceQuotaExceededException"),
    "http-403": ("await_output", "CallError"),
    "http-404": ("await_output", "ResourceNotFoundException"),
    "http-408": ("await_output", "ModelTimeoutException"),
    "http-424": ("await_output", "ModelErrorException"),
    "http-429": ("await_output", "ThrottlingException"),
    "http-500": ("await_output", "InternalServerException"),
    "http-503": ("await_output", "ServiceUnavailableException"),
    "tls-failure": ("await_output", "SmithyError"),
    "tls-stall": ("await_output", BLOCKS),
    "refused": ("await_output", "ClientTimeoutError"),
}

# The SDK takes 16 more events and then waits for ever, in send() and in close().
HANGS = {"rst", "tcp-cut", "tcp-close", "blocked-window", "tls-failure", "tls-stall", "refused"}


class Trouble:
    """An endpoint, and a client that watches."""

    def __init__(self, sonic: LocalSonic, watch: SdkWatch) -> None:
        self.faults = sonic.faults
        self._url = sonic.endpoint_url
        self._watch = watch

    async def session(self) -> Session:
        return await self._watch.session(self._url)


@pytest.fixture
async def trouble(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trouble]:
    # What the CRT's tasks say about a stream that broke is no finding of these tests.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    watch = SdkWatch(Limits(reading_s=1.2, sending_s=0.5, chunk_s=0.005))
    async with quiet_sonic() as sonic:
        monkeypatch.setenv("SSL_CERT_FILE", str(sonic.ca_bundle))
        yield Trouble(sonic, watch)
    await watch.aclose()


@pytest.mark.parametrize("name", CATALOGUE)
async def test_a_fault_is_seen_once_and_the_next_stream_is_answered(trouble: Trouble, name: str) -> None:
    fault = CATALOGUE[name]
    trouble.faults.add(fault.example)
    struck = await trouble.session()
    assert (struck.reading.where, struck.reading.what) == READING[name]
    waits = BLOCKS if name in HANGS else FINE
    assert (struck.sending.what, struck.closing.what) == (waits, waits)
    if fault.text:
        assert fault.text in struck.reading.text
    healthy = await trouble.session()
    assert (healthy.reading.what, healthy.sending.what, healthy.closing.what) == (ANSWER, FINE, FINE)
    assert [fired.fault for fired in trouble.faults.fired] == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("http-403:AccessDeniedException@open", "AccessDeniedException"),
        ("http-429:ModelNotReadyException@open", "ModelNotReadyException"),
        ("http-424:ModelStreamErrorException@open", "ModelStreamErrorException"),
    ],
)
async def test_a_refusal_is_of_the_type_that_was_asked_for(trouble: Trouble, text: str, name: str) -> None:
    trouble.faults.add(text)
    assert (await trouble.session()).reading.what == name


async def test_an_exception_in_the_middle_of_an_answer_says_what_it_was_told_to(trouble: Trouble) -> None:
    trouble.faults.add("modelStreamErrorException:Lost the thread.@audio=1:300")
    reading = (await trouble.session()).reading
    assert (reading.what, reading.text) == ("ModelStreamErrorException", "Lost the thread.")


async def test_a_while_of_trouble_passes(trouble: Trouble) -> None:
    trouble.faults.add("http-429@open,for=0.5")
    seen = [(await trouble.session()).reading.what]
    await asyncio.sleep(0.5)
    seen.append((await trouble.session()).reading.what)
    assert seen == ["ThrottlingException", ANSWER]


async def test_a_window_that_opens_again_lets_the_sdk_go_on(trouble: Trouble) -> None:
    trouble.faults.add("blocked-window:0.3@event=audioInput:2")
    seen = await trouble.session()
    assert (seen.reading.what, seen.sending.what, seen.closing.what) == (ANSWER, FINE, FINE)


async def test_a_mix_is_survived_by_the_endpoint(trouble: Trouble) -> None:
    trouble.faults.add("mix:7@turn,chance=0.5,names=rst|silent-end|truncated-frame|throttlingException")
    sessions = [await trouble.session() for _ in range(6)]
    struck = [fired.fault for fired in trouble.faults.fired]
    assert 0 < len(struck) < 6
    assert [seen.reading.what for seen in sessions].count(ANSWER) == 6 - len(struck)
