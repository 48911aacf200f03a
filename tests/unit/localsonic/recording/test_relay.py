"""A recorded stream between a client and a service that are both fakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nova_agent.errors import RecordError
from nova_agent.localsonic.envelope import event_frame, exception_frame
from nova_agent.localsonic.models import Refusal
from nova_agent.localsonic.recording.entries import AnyEntry, EventEntry, RawEntry, RefusedEntry, ResetEntry
from nova_agent.localsonic.recording.relay import Relay
from nova_agent.localsonic.recording.tape import Tape
from nova_agent.localsonic.recording.upstream import UpstreamFailed
from tests.unit.localsonic.recording.conftest import FakeAnswer, FakeLines, FakeService, message, sound, wrapped

HELLO = event_frame({"event": {"textOutput": {"content": "Hello."}}})
UNREACHABLE = UpstreamFailed(Refusal(503, "ServiceUnavailableException", "https://service.test cannot be reached"))


async def relay(
    service: FakeService, answer: FakeAnswer, lines: FakeLines, *sent: bytes, caller_audio: bool = True
) -> Relay:
    """Run a stream to its end; the client sends these bytes and then no more."""
    subject = Relay("model", answer, service, Tape(lines, caller_audio=caller_audio), patience_s=0.0)
    for data in sent:
        subject.receive(data)
    subject.receive_end()
    await asyncio.wait_for(subject.run(), 5)
    return subject


async def test_events_go_up_and_frames_come_back_as_they_are(answer: FakeAnswer, lines: FakeLines) -> None:
    service = FakeService(HELLO[:7], HELLO[7:] + HELLO, content_type="application/vnd.amazon.eventstream")
    await relay(service, answer, lines, message("sessionStart"), wrapped(b"nonsense"))
    assert service.opened == ["model"]
    assert service.received == [b'{"event": {"sessionStart": {}}}', b"nonsense"]
    assert (answer.status, answer.data, answer.is_ended) == (200, HELLO + HELLO, True)
    assert lines.outline == ["in event", "in raw", "in end", "out opened", "out event", "out event", "out end"]
    assert lines.is_closed
    assert service.is_closed


async def test_the_callers_sound_can_be_left_out(answer: FakeAnswer, lines: FakeLines) -> None:
    service = FakeService()
    audio = message("audioInput", contentName="a", content=sound(32))
    await relay(service, answer, lines, audio, caller_audio=False)
    (entry, *_) = lines.entries
    assert isinstance(entry, EventEntry)
    assert entry.event == {"audioInput": {"contentName": "a", "samples": 512}}
    assert sound(32).encode() in service.received[0]


async def test_an_exception_and_the_end_come_back(answer: FakeAnswer, lines: FakeLines) -> None:
    exception = exception_frame("throttlingException", "Slow down.")
    await relay(FakeService(exception), answer, lines)
    assert (answer.data, answer.is_ended) == (exception, True)
    assert lines.outline[-2:] == ["out exception", "out end"]


async def test_a_refusal_comes_back_with_its_body(answer: FakeAnswer, lines: FakeLines) -> None:
    body = b'{"message":"Not you."}'
    service = FakeService(body, status=403, x_amzn_errortype="AccessDeniedException:http://amazon.com/", via="x")
    await relay(service, answer, lines)
    assert (answer.status, answer.data, answer.is_ended) == (403, body, True)
    assert answer.headers == {"x-amzn-errortype": "AccessDeniedException:http://amazon.com/", "via": "x"}
    refused = lines.entries[-1]
    assert isinstance(refused, RefusedEntry)
    assert refused.refused.model_dump() == {"status": 403, "error_type": "AccessDeniedException", "message": "Not you."}


@pytest.mark.parametrize("place", ["open", "response"])
async def test_a_service_out_of_reach_is_an_http_error(answer: FakeAnswer, lines: FakeLines, place: str) -> None:
    service = FakeService()
    service.fails_at, service.failure = place, UNREACHABLE
    await relay(service, answer, lines, message("sessionStart"))
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (503, "ServiceUnavailableException")
    assert json.loads(answer.data) == {"message": "https://service.test cannot be reached"}
    assert lines.outline[-1] == "out refused"


@pytest.mark.parametrize("pieces", [(HELLO,), (HELLO, HELLO[:9])], ids=["between frames", "in a frame"])
async def test_a_stream_that_breaks_off_is_reset(answer: FakeAnswer, lines: FakeLines, pieces: Any) -> None:
    await relay(FakeService(*pieces, broken_off="reset by peer"), answer, lines)
    assert (answer.data, answer.is_ended) == (b"".join(pieces), False)
    assert answer.reset_code is not None
    assert lines.entries[-1] == ResetEntry(t_ms=len(lines.entries) - 1, direction="out", reset="reset by peer")


@pytest.mark.parametrize("rest", [HELLO[:9], bytes(40), HELLO[:-1] + b"?" + HELLO], ids=["cut", "zeros", "checksum"])
async def test_what_is_no_frame_is_passed_on_and_kept(answer: FakeAnswer, lines: FakeLines, rest: bytes) -> None:
    await relay(FakeService(HELLO + rest[:5], rest[5:]), answer, lines)
    assert (answer.data, answer.is_ended) == (HELLO + rest, True)
    assert lines.outline[-3:] == ["out event", "out raw", "out end"]
    raw = lines.entries[-2]
    assert isinstance(raw, RawEntry)
    assert raw.data == rest


async def test_a_service_that_takes_no_more_breaks_the_stream_off(answer: FakeAnswer, lines: FakeLines) -> None:
    service = SilentService()
    service.fails_at, service.failure = "send", UNREACHABLE
    await relay(service, answer, lines, message("sessionStart"))
    assert (answer.reset_code is not None, service.is_closed) == (True, True)


class SilentService(FakeService):
    """Says nothing before it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._closed = asyncio.Event()

    async def body(self) -> AsyncIterator[bytes]:
        await self._closed.wait()
        yield HELLO

    async def aclose(self) -> None:
        await super().aclose()
        self._closed.set()


async def test_a_client_that_leaves_is_noted_and_the_service_is_left(answer: FakeAnswer, lines: FakeLines) -> None:
    service = SilentService()
    subject = Relay("model", answer, service, Tape(lines))
    running = asyncio.create_task(subject.run())
    subject.receive(message("sessionStart"))
    subject.lost(reset=True)
    await asyncio.wait_for(running, 5)
    assert service.is_closed
    assert lines.entries[-1] == ResetEntry(
        t_ms=lines.entries[-1].t_ms, direction="in", reset="the client reset the stream"
    )


async def test_stopping_resets_the_client(answer: FakeAnswer, lines: FakeLines) -> None:
    service = SilentService()
    running = asyncio.create_task(Relay("model", answer, service, Tape(lines)).run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (answer.reset_code is not None, answer.data) == (True, b"")
    assert (service.is_closed, lines.is_closed) == (True, True)


async def test_bytes_that_are_no_messages_end_the_stream_as_the_service_would(
    answer: FakeAnswer, lines: FakeLines
) -> None:
    await relay(SilentService(), answer, lines, bytes(20))
    (frame,) = answer.frames
    assert (answer.status, frame.headers[":exception-type"]) == (200, "validationException")
    assert lines.outline == ["out opened", "out exception", "out end"]


async def test_a_full_disk_ends_the_recording_and_not_the_call(answer: FakeAnswer) -> None:
    lines = FullDisk()
    await relay(FakeService(HELLO), answer, lines, message("sessionStart"))
    assert (answer.data, answer.is_ended) == (HELLO, True)
    assert lines.is_closed


class FullDisk(FakeLines):
    """Has no room for a line."""

    def write(self, entry: AnyEntry) -> None:
        raise RecordError("call.jsonl: the recording cannot be written: No space left on device.")
