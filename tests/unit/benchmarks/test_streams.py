"""The load benchmark's own parts: what its callers send, what they measure, and how stacks are told apart."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from benchmarks.callers import CHUNK_SAMPLES, CallersRun, clip_of
from benchmarks.light_client import LightClient, event_data
from benchmarks.load_tables import Level, parts_table, wait_table
from benchmarks.loaded_endpoint import EndpointCost
from benchmarks.stacks import IDLE, part_of
from nova_agent.localsonic.envelope import ClientMessages, event_frame, exception_frame

HEADER_BYTES = 9


def level(streams: int, waits: list[tuple[int, float]], samples: dict[str, int] | None = None) -> Level:
    cost = EndpointCost(60.0, 30.0, {"MainThread": 20.0, "localsonic-mouth": 10.0}, [0.001], {}, samples or {}, 2**20)
    return Level(streams, "script", CallersRun(waits), cost, 0.0)


def data_frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([0, 0, 0, 0, 0, 1]) + payload


def test_what_a_caller_sends_is_what_the_endpoint_reads() -> None:
    (raw,) = ClientMessages().feed(event_data("audioInput", {"content": "AAAA"})[HEADER_BYTES:])
    assert json.loads(raw) == {"event": {"audioInput": {"content": "AAAA"}}}


def test_a_clip_names_the_chunk_with_its_last_loud_sample() -> None:
    samples = np.zeros(3 * CHUNK_SAMPLES + 7, np.int16)
    samples[CHUNK_SAMPLES + 5] = -5000
    samples[2 * CHUNK_SAMPLES] = 100
    clip = clip_of(samples)
    assert (len(clip.chunks), clip.last_loud) == (4, 1)


def test_the_client_tells_of_events_wherever_their_bytes_are_cut() -> None:
    seen: list[str] = []
    client = LightClient("localhost", lambda name, _: seen.append(name))
    audio = base64.b64encode(bytes(3000)).decode()
    raw = data_frame(event_frame({"event": {"audioOutput": {"content": audio}}}))
    raw += data_frame(event_frame({"event": {"completionEnd": {"completionId": "c", "stopReason": "END_TURN"}}}))
    for at in range(0, len(raw), 100):
        client.data_received(raw[at : at + 100])
    assert seen == ["audioOutput", "completionEnd"]
    assert client.failure is None


def test_the_client_keeps_the_exception_that_ended_its_stream() -> None:
    client = LightClient("localhost", lambda *_: None)
    client.data_received(data_frame(exception_frame("validationException", "No.")))
    assert client.failure == 'validationException: {"message": "No."}'


@pytest.mark.parametrize(
    ("files", "part"),
    [
        (["lib/selectors.py", "lib/asyncio/base_events.py"], IDLE),
        (["lib/json/decoder.py", "nova_agent/localsonic/envelope.py", "lib/asyncio/events.py"], "frames and JSON"),
        (["site/h2/connection.py", "nova_agent/localsonic/http2.py", "lib/asyncio/sslproto.py"], "HTTP/2"),
        (["lib/asyncio/sslproto.py", "nova_agent/localsonic/speaking.py", "lib/asyncio/events.py"], "answers, sent"),
        (["somewhere.py"], "others"),
    ],
)
def test_a_stack_belongs_to_the_part_it_is_deepest_in(files: list[str], part: str) -> None:
    assert part_of(files) == part


def test_waits_are_compared_with_those_of_the_same_utterance_alone() -> None:
    alone = [(0, 0.5), (0, 0.51), (0, 0.9), (1, 0.7)]
    record = wait_table([level(1, alone), level(50, [(0, 0.52), (1, 0.9), (7, 5.0)])]).as_records()[1]
    assert (record["turns"], record["over 100"]) == (3, 1)
    assert record["max later"] == pytest.approx(200)
    assert record["p50 later"] == pytest.approx(105)


def test_the_loops_cpu_is_shared_out_by_its_busy_samples() -> None:
    rows = {row[0]: row for row in parts_table(level(1, [], {"HTTP/2": 3, "ledger": 1, IDLE: 96})).rows}
    assert rows["HTTP/2"][1] == pytest.approx(15.0)
    assert rows["synthesis (thread)"][2] == pytest.approx(100 / 3)
