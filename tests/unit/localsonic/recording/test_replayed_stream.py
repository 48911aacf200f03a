"""A replayed stream and a client that is a fake."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from nova_agent.localsonic.frames import Frame
from nova_agent.localsonic.recording.plan import plan_replay
from nova_agent.localsonic.recording.reader import read_recording
from nova_agent.localsonic.recording.replayed import ReplayedStream
from tests.unit.localsonic.conftest import settle
from tests.unit.localsonic.recording.conftest import FakeAnswer, message, wrapped

Line = Mapping[str, Any]
Start = Callable[..., ReplayedStream]

SESSION: Line = {"t_ms": 0, "direction": "in", "event": {"sessionStart": {}}}
PROMPT: Line = {"t_ms": 1, "direction": "in", "event": {"promptStart": {"promptName": "p"}}}
USAGE: Line = {"t_ms": 2, "direction": "out", "event": {"usageEvent": {"promptName": "p"}}}
OUT: Line = {"t_ms": 3, "direction": "out"}


@pytest.fixture
async def start(recorded: Callable[..., Path], answer: FakeAnswer) -> Any:
    """Begin a replay of these lines."""
    running: list[asyncio.Task[None]] = []

    def make(*lines: Line, lenient: bool = False, **options: float) -> ReplayedStream:
        plan = plan_replay(read_recording(recorded(*lines)))
        stream = ReplayedStream("call.jsonl", plan, answer, pace="fast", lenient=lenient, **options)
        running.append(asyncio.create_task(stream.run()))
        return stream

    yield make
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def text_of(frame: Frame) -> str:
    return frame.payload.decode()


async def test_headers_come_with_the_first_event_and_answers_when_due(start: Start, answer: FakeAnswer) -> None:
    stream = start(SESSION, PROMPT, USAGE, {**OUT, "end": True})
    await settle()
    assert answer.status == 0
    stream.receive(message("sessionStart"))
    await settle()
    assert (answer.status, answer.data) == (200, b"")
    stream.receive(message("promptStart", promptName="mine"))
    await settle()
    assert len(answer.frames) == 1
    assert answer.is_ended


async def test_a_recording_that_was_cut_ends_when_the_client_does(start: Start, answer: FakeAnswer) -> None:
    stream = start(SESSION)
    stream.receive(message("sessionStart"))
    await settle()
    assert not answer.is_ended
    stream.receive_end()
    await settle()
    assert answer.is_ended


async def test_a_deviation_ends_the_stream_and_says_what_was_expected(start: Start, answer: FakeAnswer) -> None:
    stream = start(SESSION, PROMPT, USAGE)
    stream.receive(message("promptStart", promptName="p"))
    await settle()
    (frame,) = answer.frames
    assert frame.headers[":exception-type"] == "validationException"
    assert "call.jsonl: line 2 expects sessionStart, but the client sent promptStart" in text_of(frame)
    assert answer.is_ended


async def test_a_lenient_replay_goes_on(start: Start, answer: FakeAnswer) -> None:
    stream = start(SESSION, PROMPT, USAGE, lenient=True)
    stream.receive(wrapped(b"nonsense"))
    stream.receive(message("promptStart", promptName="p"))
    await settle()
    assert [frame.headers[":message-type"] for frame in answer.frames] == ["event"]
    assert not answer.is_ended


async def test_a_recorded_reset_resets(start: Start, answer: FakeAnswer) -> None:
    stream = start(SESSION, {**OUT, "reset": "reset by peer"})
    stream.receive(message("sessionStart"))
    await settle()
    assert (answer.reset_code is not None, answer.is_ended) == (True, False)


async def test_a_recorded_exception_comes_with_its_name(start: Start, answer: FakeAnswer) -> None:
    exception = {**OUT, "exception": {"type": "throttlingException", "payload": {"message": "Slow down."}}}
    stream = start(SESSION, exception, {**OUT, "end": True})
    stream.receive(message("sessionStart"))
    await settle()
    (frame,) = answer.frames
    assert (frame.headers[":exception-type"], text_of(frame)) == ("throttlingException", '{"message": "Slow down."}')
    assert answer.is_ended


async def test_what_comes_after_the_end_is_ignored(start: Start, answer: FakeAnswer) -> None:
    stream = start(SESSION, {**OUT, "end": True})
    stream.receive(message("sessionStart"))
    await settle()
    stream.receive(message("promptStart", promptName="p"))
    stream.receive_end()
    stream.lost()
    await settle()
    assert answer.data == b""


async def test_a_client_that_sends_nothing_is_idle(start: Start, answer: FakeAnswer) -> None:
    start(SESSION, idle_limit_s=0.0)
    await settle()
    (frame,) = answer.frames
    assert "Timed out waiting for audio bytes" in text_of(frame)
    assert answer.is_ended


async def test_a_client_that_reads_nothing_is_left(
    start: Start, answer: FakeAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "drained", asyncio.Event().wait)
    start(SESSION, idle_limit_s=0.0)
    await settle()
    assert (answer.reset_code is not None, answer.is_ended) == (True, False)
