"""The control port: what it answers, whom it refuses, and in which form."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from nova_agent.errors import PortInUse, SettingsError
from nova_agent.localsonic.brain.port import HistoryTurn
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.control import BODY_BYTES, ControlPort, control_app
from nova_agent.localsonic.control_views import ROUTES
from nova_agent.localsonic.facts import AudioArrived, AudioStarted, HistoryGiven, SystemGiven
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.localsonic.inputs import AudioReceived
from nova_agent.localsonic.ledger import Ledger, number_audio
from nova_agent.localsonic.switches import Switches

Client = TestClient[Any, Any]
Ask = Callable[..., Any]


class FakeEndpoint:
    """An endpoint of nothing but what the control port shows."""

    endpoint_url = "https://127.0.0.1:8443"
    open_streams = 1

    def __init__(self) -> None:
        self.config = LocalSonicConfig(switches=Switches(idle_code=True))
        self.ledger = Ledger(keep_audio_s=10)
        self.faults = FaultPlan()

    def receive(self, stream_id: str, pcm: bytes) -> None:
        """A stream comes, says something, and ends."""
        recorder = self.ledger.open(stream_id, "amazon.nova-2-sonic-v1:0", {"user-agent": "test"})
        recorder.read(b"{}", lambda _: AudioReceived(promptName="p", contentName="a", content=""))
        for fact in (SystemGiven("Be kind."), HistoryGiven(HistoryTurn("USER", "Hi.")), AudioStarted(16000)):
            recorder.meant(fact)
        recorder.meant(AudioArrived(pcm))
        recorder.ended("half-close")


@pytest.fixture
def endpoint() -> FakeEndpoint:
    return FakeEndpoint()


@pytest.fixture
async def client(endpoint: FakeEndpoint) -> AsyncIterator[Client]:
    async with TestClient(TestServer(control_app(endpoint))) as client:
        yield client


@pytest.fixture
def ask(client: Client) -> Ask:
    """Send a request; returns the answer's JSON, and fails if the status is another than expected."""

    async def send(line: str, *, status: int = 200, **request: Any) -> Any:
        method, path = line.split()
        async with client.request(method, path, **request) as response:
            assert response.status == status
            assert response.content_type == "application/json"
            return await response.json()

    return send


async def test_the_first_page_leads_to_all_others(ask: Ask) -> None:
    page = await ask("GET /")
    assert (page["endpoint_url"], page["open_streams"]) == ("https://127.0.0.1:8443", 1)
    assert [line.split("/", 3)[-1] for line in page["routes"]] == [route.path[1:] for route in ROUTES]


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path != "/streams/{id}/audio.wav"])
async def test_every_route_answers_with_json(ask: Ask, endpoint: FakeEndpoint, route: Any) -> None:
    endpoint.receive("a", bytes(100))
    body = {"data": "rst@turn=2"} if route.method == "POST" else {}
    assert await ask(f"{route.method} {route.path.format(id='last')}", **body)


async def test_streams_are_listed_and_looked_into(ask: Ask, endpoint: FakeEndpoint) -> None:
    endpoint.receive("a", bytes(320))
    endpoint.receive("b", bytes(640))
    listed = (await ask("GET /streams"))["streams"]
    assert [(stream["stream_id"], stream["audio_samples"]) for stream in listed] == [("a", 160), ("b", 320)]
    assert "system" not in listed[0]
    assert (await ask("GET /streams/a"))["system"] == "Be kind."
    assert (await ask("GET /streams/last"))["stream_id"] == "b"
    assert (await ask("GET /streams/b/events"))["events"][0]["name"] == "audioInput"
    assert (await ask("GET /streams/b/history"))["history"] == [{"role": "USER", "text": "Hi."}]


async def test_kept_audio_is_a_wav_file(client: Client, endpoint: FakeEndpoint) -> None:
    endpoint.receive("a", b"\x07\x00" * 160)
    async with client.get("/streams/a/audio.wav") as response:
        assert response.content_type == "audio/wav"
        with wave.open(io.BytesIO(await response.read())) as reader:
            assert reader.getnframes() == 160


async def test_audio_that_is_not_kept_is_said_to_be(ask: Ask, endpoint: FakeEndpoint) -> None:
    endpoint.ledger.open("silent", "m", {})
    assert "no audio has come" in (await ask("GET /streams/silent/audio.wav", status=404))["error"]["message"]


async def test_numbered_audio_can_be_asked_for_as_it_was_to_arrive(ask: Ask, endpoint: FakeEndpoint) -> None:
    endpoint.receive("a", number_audio(b"\x40\x00" * 1000, 100))
    report = await ask("GET /audio?first=0&end=1200")
    assert report["lost"] == [{"first": 0, "end": 100}, {"first": 1100, "end": 1200}]
    assert (await ask("GET /audio"))["lost_samples"] == 0
    assert (await ask("GET /audio?first=x", status=400))["error"]["message"] == "first=x is no number."


async def test_streams_are_forgotten_on_request(ask: Ask, endpoint: FakeEndpoint) -> None:
    endpoint.receive("a", b"")
    assert await ask("DELETE /streams") == {"forgotten": 1}
    assert (await ask("GET /streams"))["streams"] == []
    assert (await ask("GET /overlaps")) == {"max_open": 0, "overlaps": []}


LINES = "throttlingException@turn=3,times=2\n\n  rst@turn=1\n"


@pytest.mark.parametrize("request_", [{"data": LINES}, {"json": LINES.split()}], ids=["lines", "json"])
async def test_faults_are_planned_line_by_line_or_as_a_list(
    ask: Ask, endpoint: FakeEndpoint, request_: dict[str, Any]
) -> None:
    planned = (await ask("POST /faults", **request_))["faults"]
    assert [fault["fault"] for fault in planned] == LINES.split()
    assert len(endpoint.faults.pending) == 2
    assert (await ask("DELETE /faults"))["faults"] == []
    assert endpoint.faults.is_idle


@pytest.mark.parametrize(
    "body", ["rst@turn=1\nthrotling@turn=3", '["rst@turn=1", 3]', '["rst@turn=1"', "", " \n", "[]"]
)
async def test_one_wrong_fault_and_none_is_planned(ask: Ask, endpoint: FakeEndpoint, body: str) -> None:
    error = (await ask("POST /faults", data=body, status=400))["error"]
    assert error["code"] == "settings-invalid"
    assert endpoint.faults.is_idle


async def test_switches_show_what_was_changed(ask: Ask) -> None:
    shown = await ask("GET /switches")
    assert shown["changed"] == {"idle_code": True}
    assert shown["switches"]["end_of_stream"]["allowed"] == ["half-close", "session-end", "client-only"]


@pytest.mark.parametrize(
    ("line", "status", "code", "words"),
    [
        ("GET /stream", 404, "not-found", "GET /streams/{id}/events"),
        ("GET /streams/x", 404, "not-found", "'x'"),
        ("PUT /faults", 405, "method-not-allowed", "DELETE, GET, POST"),
    ],
)
async def test_what_is_not_there_is_told_with_what_is(ask: Ask, line: str, status: int, code: str, words: str) -> None:
    error = (await ask(line, status=status))["error"]
    assert error["code"] == code
    assert words in error["message"]


async def test_a_body_that_is_too_long_is_refused(ask: Ask, endpoint: FakeEndpoint) -> None:
    error = (await ask("POST /faults", data="x" * (BODY_BYTES + 1), status=413))["error"]
    assert str(BODY_BYTES) in error["message"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "https://example.com"}, "web-page-refused"),
        ({"Origin": "null"}, "web-page-refused"),
        ({"Host": "rebound.example.com:8444"}, "host-refused"),
        ({"Host": "127.0.0.1.example.com"}, "host-refused"),
        ({"Host": "192.168.1.7"}, "host-refused"),
        ({"Host": ""}, "host-refused"),
    ],
)
async def test_web_pages_are_refused(ask: Ask, headers: dict[str, str], code: str) -> None:
    assert (await ask("DELETE /streams", headers=headers, status=403))["error"]["code"] == code


@pytest.mark.parametrize("host", ["localhost:1", "LOCALHOST", "127.0.0.1:8444", "127.0.0.2", "[::1]:8444", "[::1]"])
async def test_this_machines_own_names_are_taken(ask: Ask, host: str) -> None:
    assert await ask("GET /overlaps", headers={"Host": host})


async def test_a_defect_is_told_without_its_details(ask: Ask, endpoint: FakeEndpoint) -> None:
    endpoint.ledger.overlaps = lambda: 1 / 0  # type: ignore[assignment,method-assign,return-value]
    error = (await ask("GET /overlaps", status=500))["error"]
    assert error["code"] == "internal-error"
    assert "division" not in error["message"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])  # noqa: S104 - it is refused
async def test_it_listens_on_this_machine_alone(endpoint: FakeEndpoint, host: str) -> None:
    with pytest.raises(SettingsError, match="no password"):
        await ControlPort(endpoint, 0, host=host).start()


async def test_a_port_in_use_is_named(endpoint: FakeEndpoint) -> None:
    first = await ControlPort(endpoint, 0).start()
    port = int(first.url.rpartition(":")[2])
    with pytest.raises(PortInUse, match=str(port)):
        await ControlPort(endpoint, port).start()
    await first.aclose()
    await first.aclose()


async def test_behaviours_come_with_their_certainty(ask: Ask) -> None:
    shown = await ask("GET /behaviours")
    assert shown["counts"]["unconfirmed"] == sum(one["certainty"] == "unconfirmed" for one in shown["behaviours"])
    assert {source for one in shown["behaviours"] for source in one["source"]} == set(shown["sources"])
