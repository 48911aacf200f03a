"""Recording between a client on the AWS SDK and an endpoint, and replaying to another such client."""

from __future__ import annotations

import asyncio
import json
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import pytest
from aws_sdk_bedrock_runtime.models import (
    AccessDeniedException,
    ServiceUnavailableException,
    ValidationException,
)

from benchmarks.quiet_sonic import DeafEars, SilentMouth
from benchmarks.sdk_session import Limits, SdkWatch
from nova_agent.localsonic.brain import EchoBrain
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.faults.catalogue import CATALOGUE
from nova_agent.localsonic.http2 import Exchange, Request
from nova_agent.localsonic.listener import ListenAddress
from nova_agent.localsonic.recording.bedrock import BedrockUpstream
from nova_agent.localsonic.recording.entries import EventEntry, ResetEntry
from nova_agent.localsonic.recording.reader import Recording, read_recording
from nova_agent.localsonic.recording.recorder import recorder
from nova_agent.localsonic.recording.replayer import replayer
from nova_agent.localsonic.recording.serving import StreamServer
from nova_agent.localsonic.server import LocalSonic
from tests.e2e.localsonic.test_faults import READING

Serve = Callable[..., Any]
Connect = Callable[..., Any]
Voice = Callable[[str], Awaitable[bytes]]
NOBODY_LISTENS = "https://127.0.0.1:1"


class Studio:
    """Starts recorders and replayers that share one authority with the endpoints of ``serve``."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._address = ListenAddress(ca_dir=folder)
        self._stack = stack
        self.recordings = folder / "recordings"

    async def record(self, url: str, **options: Any) -> StreamServer:
        upstream = BedrockUpstream(url, "us-east-1")
        server = recorder(self._address, upstream, self.recordings, **options)
        return await self._stack.enter_async_context(server)

    async def replay(self, **options: Any) -> StreamServer:
        return await self._stack.enter_async_context(replayer(self._address, self.file, **options))

    @property
    def file(self) -> Path:
        (path,) = self.recordings.iterdir()
        return path

    @property
    def recording(self) -> Recording:
        return read_recording(self.file)


@pytest.fixture
async def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    async with AsyncExitStack() as stack:
        yield Studio(tmp_path, stack)


async def ask(client: Any, pcm: bytes, *, answers: int = 1) -> list[str]:
    """A whole call with one spoken sentence; what came back."""
    await client.open(tools=["look_up"])
    await client.speak(pcm)
    await client.until_answered(answers)
    await client.close()
    await client.until_happened("END_STREAM")
    return [*client.outline(), *client.texts("USER", "FINAL")]


async def test_a_recorded_call_comes_back_the_same(serve: Serve, connect: Connect, say: Voice, studio: Studio) -> None:
    pcm = await say("Good morning.")
    recording = await studio.record((await serve()).endpoint_url)
    async with connect(recording) as client:
        heard = await ask(client, pcm)
        spoken = client.named("audioOutput")
    async with connect(await studio.replay(pace="fast")) as other:
        assert await ask(other, pcm) == heard
        assert [body["content"] for body in other.named("audioOutput")] == [body["content"] for body in spoken]
    assert "good morning" in heard[-1].lower()
    assert {body["promptName"] for body in other.named("audioOutput")} == {other.prompt}
    assert other.named("audioOutput")[0]["sessionId"] != spoken[0]["sessionId"]


async def test_a_recording_is_its_owners_and_tells_where_it_came_from(
    serve: Serve, connect: Connect, studio: Studio
) -> None:
    sonic = await serve()
    async with connect(await studio.record(sonic.endpoint_url, caller_audio=False)) as client:
        await ask_by_typing(client)
    assert stat.S_IMODE(studio.file.stat().st_mode) == 0o600
    header = studio.recording.header
    assert (header.model_id, header.upstream) == ("amazon.nova-2-sonic-v1:0", sonic.endpoint_url)
    assert "aws-sdk-python" in header.user_agent
    events = [entry for _, entry in studio.recording.entries if isinstance(entry, EventEntry)]
    assert {entry.body["samples"] for entry in events if entry.name == "audioInput"} == {512}
    assert all("content" in entry.body for entry in events if entry.name == "audioOutput")


async def ask_by_typing(client: Any) -> None:
    await client.open()
    await client.text("USER", "Hello.", interactive=True)
    await client.speak(b"", silence_s=0.256)
    await client.until_answered()
    await client.close()
    await client.until_happened("END_STREAM")


async def test_tool_results_are_waited_for_in_a_replay(
    serve: Serve, connect: Connect, say: Voice, studio: Studio
) -> None:
    pcm = await say("What is the weather like?")

    async def call(client: Any) -> None:
        await client.open(tools=["look_up"])
        await client.speak(pcm)
        await client.until_happened("toolUse", 2)
        for use in client.named("toolUse"):
            assert not client.named("audioOutput")
            await client.tool_result(use["toolUseId"], {"sky": "blue"})
        await client.until_answered()

    async with connect(await studio.record((await serve()).endpoint_url)) as client:
        await call(client)
    async with connect(await studio.replay(pace="fast")) as other:
        await call(other)
    assert [use["toolUseId"] for use in other.named("toolUse")] == [use["toolUseId"] for use in client.named("toolUse")]


async def test_an_exception_is_passed_on_and_replayed(serve: Serve, connect: Connect, studio: Studio) -> None:
    recording = await studio.record((await serve()).endpoint_url)
    for endpoint in (recording, None):
        async with connect(endpoint or await studio.replay()) as client:
            await client.send_raw(b"no json at all")
            with pytest.raises(ValidationException, match="Unable to parse input chunk"):
                await client.receive_one()


async def test_a_refusal_is_passed_on_and_replayed(serve: Serve, connect: Connect, studio: Studio) -> None:
    recording = await studio.record((await serve()).endpoint_url)
    for endpoint in (recording, None):
        async with connect(endpoint or await studio.replay(), "amazon.nova-9-sonic") as client:
            with pytest.raises(ValidationException, match="model identifier is invalid"):
                await client.receive_one()


async def test_a_reset_is_told_from_an_end(connect: Connect, studio: Studio, tmp_path: Path, serve: Serve) -> None:
    await serve()  # for its certificate
    async with StreamServer(ListenAddress(ca_dir=tmp_path), Resetting, "A breaking service") as breaking:
        recording = await studio.record(breaking.endpoint_url)
        async with connect(recording) as client:
            await client.send("sessionStart")
            await client.receive_one()
    assert isinstance(studio.recording.entries[-1][1], ResetEntry)


class Resetting:
    """Answers the first event with headers and a reset."""

    def __init__(self, _model_id: str, _request: Request, exchange: Exchange) -> None:
        self._exchange = exchange

    def receive(self, data: bytes) -> None:
        self._exchange.start(200, {"content-type": "application/vnd.amazon.eventstream"})
        self._exchange.reset(2)

    def receive_end(self) -> None: ...

    def lost(self, *, reset: bool = False) -> None: ...

    async def run(self) -> None: ...


async def test_a_service_that_cannot_be_reached_is_a_503(serve: Serve, connect: Connect, studio: Studio) -> None:
    await serve()  # for its certificate
    async with connect(await studio.record(NOBODY_LISTENS)) as client:
        with pytest.raises(ServiceUnavailableException, match="cannot be reached"):
            await client.receive_one()


async def test_missing_credentials_are_a_403(
    serve: Serve, connect: Connect, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    async with connect(await studio.record((await serve()).endpoint_url)) as client:
        with pytest.raises(AccessDeniedException, match="no AWS credentials"):
            await client.receive_one()


async def test_a_client_that_does_something_else_is_told_what_was_expected(
    serve: Serve, connect: Connect, studio: Studio
) -> None:
    async with connect(await studio.record((await serve()).endpoint_url)) as client:
        await ask_by_typing(client)
    async with connect(await studio.replay()) as other:
        await other.send("sessionStart")
        await other.send("sessionEnd")
        with pytest.raises(ValidationException, match=r"line \d expects promptStart, but the client sent sessionEnd"):
            await other.receive_one()


class Command:
    """``nova-agent sonic …`` as a process that serves."""

    def __init__(self, *arguments: str | Path) -> None:
        program = "from nova_agent.cli import main; main()"
        command = [sys.executable, "-c", program, "sonic", *map(str, arguments), "--port", "0", "--json"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        self.endpoint_url = json.loads(self._process.stdout.readline())["endpoint_url"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        _, self.messages = self._process.communicate(timeout=20)
        assert self._process.returncode == 0


async def test_the_commands_record_and_replay(serve: Serve, connect: Connect, studio: Studio, tmp_path: Path) -> None:
    sonic = await serve()
    options = ("--upstream", sonic.endpoint_url, "--upstream-ca", sonic.ca_bundle, "--out", studio.recordings)
    with Command("record", "--ca-dir", tmp_path, *options) as record:
        async with connect(record) as client:
            await ask_by_typing(client)
    with Command("replay", studio.file, "--ca-dir", tmp_path) as replay:
        async with connect(replay) as other:
            await ask_by_typing(other)
    assert other.outline() == client.outline()
    assert "Recordings hold what callers say" in record.messages
    assert "localsonic.recording_finished" in record.messages


def test_a_file_that_is_no_recording_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text('{"a": 1}\n', encoding="utf-8")
    program = "from nova_agent.cli import main; main()"
    command = [sys.executable, "-c", program, "sonic", "replay", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"{path}: line 1: is not the header of a recording" in done.stderr


@pytest.mark.parametrize(
    "name", ["throttlingException", "error-frame", "truncated-frame", "corrupt-checksum", "rst", "tcp-cut", "http-429"]
)
async def test_a_fault_shows_through_a_recorder_and_in_a_replay(
    name: str, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the CRT's tasks say about a stream that broke is no finding of this test.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    watch = SdkWatch(Limits(reading_s=5.0, sending_s=0.3, chunk_s=0.005))
    config = LocalSonicConfig(ca_dir=tmp_path, faults=(CATALOGUE[name].example,))
    async with LocalSonic(config, brain_factory=EchoBrain, ears=DeafEars(), mouth=SilentMouth()) as sonic:
        monkeypatch.setenv("SSL_CERT_FILE", str(sonic.ca_bundle))
        seen = (await watch.session((await studio.record(sonic.endpoint_url)).endpoint_url)).reading
    again = (await watch.session((await studio.replay()).endpoint_url)).reading
    assert (seen.where, seen.what) == READING[name]
    assert (again.where, again.what, again.text) == (seen.where, seen.what, seen.text)
    await watch.aclose()
