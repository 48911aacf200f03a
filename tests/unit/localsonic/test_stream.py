"""The life of one stream over fakes: headers, limits, errors, and its end."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nova_agent.localsonic.brain.port import Action, Brain, Conversation
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.frames import Frame, HeaderValue, encode_frame
from nova_agent.localsonic.models import Model
from nova_agent.localsonic.prompt import Parts
from nova_agent.localsonic.rejections import (
    IDLE,
    INTERNAL,
    INVALID_INPUT,
    LIFE_OVER,
    NO_INPUT,
    TOO_MUCH,
    UNPARSEABLE,
    StreamRejected,
)
from nova_agent.localsonic.stream import SonicStream
from nova_agent.localsonic.switches import Switches

SIGNED: dict[str, HeaderValue] = {":date": datetime(2026, 1, 1, tzinfo=UTC), ":chunk-signature": bytes(32)}
INNER = {":message-type": "event", ":event-type": "chunk", ":content-type": "application/json"}
FORM = {"mediaType": "audio/lpcm", "sampleRateHertz": 16000, "sampleSizeBits": 16, "channelCount": 1}


def message(raw: bytes) -> bytes:
    payload = json.dumps({"bytes": base64.b64encode(raw).decode()}).encode()
    return encode_frame(Frame(SIGNED, encode_frame(Frame(INNER, payload))))


def event(name: str, **body: Any) -> bytes:
    return message(json.dumps({"event": {name: body}}).encode())


class Driver:
    """A stream with a recording response."""

    def __init__(self, clock: Any, outlet: Any, fakes: Any, **settings: Any) -> None:
        self.clock, self.outlet = clock, outlet
        self.status = 0
        self.ended = False
        outlet.start = self._start
        outlet.end = self._end
        parts = Parts(
            config=LocalSonicConfig(**settings),
            clock=clock,
            ears=fakes.ears,
            mouth=fakes.mouth,
            make_brain=lambda: fakes.brain,
            record=lambda _: None,
        )
        self.stream = SonicStream(Model("model"), outlet, parts)
        self.task = asyncio.create_task(self.stream.run())

    def _start(self, status: int, headers: dict[str, str]) -> None:
        assert headers["content-type"] == "application/vnd.amazon.eventstream"
        self.status = status

    def _end(self) -> None:
        self.ended = True

    def open_prompt(self, **more: Any) -> None:
        form = {**FORM, "voiceId": "amy"}
        self.stream.receive(event("promptStart", promptName="p", audioOutputConfiguration=form, **more))

    def open(self) -> None:
        self.stream.receive(event("sessionStart"))
        self.open_prompt()
        self._text("Be kind.", role="SYSTEM")
        audio = {"promptName": "p", "contentName": "a", "type": "AUDIO", "role": "USER"}
        self.stream.receive(event("contentStart", **audio, audioInputConfiguration=FORM))

    def type(self, text: str) -> None:
        self._text(text, role="USER", interactive=True)

    def _text(self, text: str, **how: Any) -> None:
        where = {"promptName": "p", "contentName": "t"}
        self.stream.receive(event("contentStart", **where, type="TEXT", **how))
        self.stream.receive(event("textInput", **where, content=text))
        self.stream.receive(event("contentEnd", **where))

    def hear_silence(self) -> None:
        content = base64.b64encode(bytes(1024)).decode()
        self.stream.receive(event("audioInput", promptName="p", contentName="a", content=content))

    def close(self) -> None:
        """The ordinary end of a session; the caller has been silent."""
        self.hear_silence()
        self.stream.receive(event("contentEnd", promptName="p", contentName="a"))
        self.stream.receive(event("promptEnd", promptName="p"))
        self.stream.receive(event("sessionEnd"))

    @property
    def exception(self) -> tuple[Any, str]:
        last = self.outlet.frames[-1]
        return last.headers[":exception-type"], json.loads(last.payload)["message"]


@pytest.fixture
async def make_driver(clock: Any, outlet: Any, drive: Any) -> AsyncIterator[Callable[..., Driver]]:
    """Open a stream; call with the endpoint's settings."""
    drivers: list[Driver] = []

    def make(brain: Brain | None = None, **settings: Any) -> Driver:
        fakes = drive()
        fakes.brain = brain or fakes.brain
        drivers.append(Driver(clock, outlet, fakes, **settings))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.task.cancel()
        await asyncio.gather(driver.task, return_exceptions=True)
    assert {task for task in asyncio.all_tasks() if "localsonic" in task.get_name()} == set()


@pytest.fixture
async def driver(make_driver: Callable[..., Driver]) -> Driver:
    return make_driver()


async def test_headers_are_sent_with_the_first_complete_event(driver: Driver) -> None:
    raw = event("sessionStart")
    driver.stream.receive(raw[:-1])
    assert driver.status == 0
    driver.stream.receive(raw[-1:])
    assert driver.status == 200


async def test_a_closed_session_ends_with_the_clients_half(driver: Driver) -> None:
    driver.open()
    driver.close()
    assert not driver.ended
    driver.stream.receive_end()
    assert driver.ended


async def test_a_closed_session_ends_after_two_seconds_at_most(driver: Driver) -> None:
    driver.open()
    driver.close()
    await driver.clock.advance(1.9)
    assert not driver.ended
    await driver.clock.advance(0.2)
    await driver.task
    assert driver.ended


async def test_audio_after_the_end_of_the_session_is_ignored(driver: Driver) -> None:
    driver.open()
    driver.close()
    driver.hear_silence()
    assert driver.outlet.outline == []
    assert not driver.ended


async def test_55_seconds_without_audio_end_the_stream(driver: Driver) -> None:
    driver.open()
    await driver.clock.advance(50)
    driver.hear_silence()
    await driver.clock.advance(54)
    assert not driver.ended
    await driver.clock.advance(2)
    assert driver.exception == ("validationException", IDLE)
    assert driver.ended


async def test_empty_audio_does_not_count_as_audio(driver: Driver) -> None:
    driver.open()
    await driver.clock.advance(54)
    driver.stream.receive(event("audioInput", promptName="p", contentName="a", content=""))
    await driver.clock.advance(2)
    assert driver.exception == ("validationException", IDLE)


async def test_the_voices_are_those_of_the_model(driver: Driver) -> None:
    driver.stream.receive(event("sessionStart"))
    form = {**FORM, "voiceId": "greta"}
    driver.stream.receive(event("promptStart", promptName="p", audioOutputConfiguration=form))
    assert driver.exception == ("validationException", "Received invalid id: 'greta'")


async def test_no_event_at_all_is_a_timeout_of_its_own(driver: Driver) -> None:
    await driver.clock.advance(56)
    assert driver.exception == ("validationException", NO_INPUT)


async def test_the_connection_lives_eight_minutes(driver: Driver) -> None:
    driver.open()
    for _ in range(16):
        await driver.clock.advance(29.9)
        driver.hear_silence()
    assert not driver.ended
    await driver.clock.advance(2)
    assert driver.exception == ("modelTimeoutException", LIFE_OVER)


@pytest.mark.parametrize("garbage", [b"not a frame, by any means", message(b"no json"), event("promptStart")])
async def test_garbage_ends_the_stream_with_an_exception(driver: Driver, garbage: bytes) -> None:
    driver.open()
    driver.stream.receive(garbage)
    assert driver.exception[0] == "validationException"
    assert driver.ended
    await driver.task


async def test_a_truncated_frame_at_the_end_is_refused(driver: Driver) -> None:
    driver.stream.receive(event("sessionStart")[:-5])
    driver.stream.receive_end()
    assert driver.exception[0] == "validationException"


class BrokenBrain:
    """Stands for any defect."""

    async def act(self, conversation: Conversation) -> list[Action]:
        raise RuntimeError("a defect")


async def test_a_defect_of_ours_is_an_internal_error(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(brain=BrokenBrain())
    driver.open()
    for _ in range(4):
        driver.hear_silence()
    driver.type("Hello.")
    await asyncio.wait_for(driver.task, 5)
    assert driver.exception == ("internalServerException", INTERNAL)
    assert b"a defect" not in driver.outlet.data


async def test_usage_is_reported_from_the_start_of_the_prompt_on(driver: Driver) -> None:
    tool = {"toolSpec": {"name": "look_up", "description": "Look up.", "inputSchema": {"json": "{}"}}}
    driver.stream.receive(event("sessionStart"))
    driver.open_prompt(toolConfiguration={"tools": [tool]})
    (report,) = driver.outlet.named("usageEvent")
    assert report["totalInputTokens"] == report["details"]["delta"]["input"]["textTokens"] > 0


async def test_a_lost_client_frees_the_stream(driver: Driver) -> None:
    driver.open()
    driver.stream.lost()
    await asyncio.wait_for(driver.task, 1)


async def test_headers_may_be_sent_at_once(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(switches=Switches(response_headers="at-once"))
    await asyncio.sleep(0)
    assert driver.status == 200


async def test_headers_may_wait_for_the_prompt(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(switches=Switches(response_headers="prompt-start"))
    driver.stream.receive(event("sessionStart"))
    assert driver.status == 0
    driver.open_prompt()
    assert driver.status == 200


async def test_the_stream_may_end_with_the_session(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(switches=Switches(end_of_stream="session-end"))
    driver.open()
    driver.close()
    assert driver.ended


async def test_the_stream_may_stay_until_the_client_half_closes(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(switches=Switches(end_of_stream="client-only"))
    driver.open()
    driver.close()
    await driver.clock.advance(30)
    assert not driver.ended
    driver.stream.receive_end()
    assert driver.ended


@pytest.mark.parametrize(
    ("prefix", "pattern"),
    [
        ("none", f"{INVALID_INPUT}"),
        ("request-id", rf"RequestId=[0-9a-f-]{{36}} : {INVALID_INPUT}"),
        ("numbered", rf"RequestId=[0-9a-f-]{{36}} : Error\(s\):\nError 1 : {INVALID_INPUT}"),
    ],
)
async def test_error_texts_may_carry_a_prefix(make_driver: Callable[..., Driver], prefix: str, pattern: str) -> None:
    driver = make_driver(switches=Switches(error_prefix=prefix))
    driver.stream.receive(event("sessionStart"))
    driver.stream.receive(event("sessionStart"))
    assert re.fullmatch(pattern, driver.exception[1])


async def test_the_text_of_the_idle_limit_may_carry_its_code(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(switches=Switches(idle_code=True))
    driver.open()
    driver.hear_silence()
    await driver.clock.advance(56)
    assert driver.exception == ("validationException", f"InternalErrorCode=532::{IDLE}")


async def test_a_throttled_stream_ends_with_its_first_event(driver: Driver) -> None:
    driver.stream.refuse(StreamRejected("Too many", "throttlingException"))
    driver.stream.receive(event("sessionStart"))
    assert driver.exception == ("throttlingException", "Too many")


async def test_a_lenient_stream_outlives_both_limits(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(profile="lenient")
    driver.open()
    await driver.clock.advance(600)
    assert not driver.ended


async def test_a_lenient_stream_takes_unsigned_messages(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(profile="lenient")
    payload = json.dumps({"bytes": base64.b64encode(b'{"event":{"sessionStart":{}}}').decode()}).encode()
    driver.stream.receive(encode_frame(Frame(INNER, payload)))
    driver.stream.receive(encode_frame(Frame({}, encode_frame(Frame(INNER, payload)))))
    assert driver.status == 200
    assert not driver.ended


async def test_a_broken_frame_ends_a_lenient_stream_too(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(profile="lenient")
    driver.open()
    driver.stream.receive(event("sessionEnd")[:-1] + b"\0")
    assert driver.exception == ("validationException", UNPARSEABLE)


async def test_a_stream_that_gives_up_says_that_it_was_too_much(driver: Driver) -> None:
    driver.stream.receive(event("sessionStart")[:-1])
    driver.stream.give_up()
    assert driver.exception == ("serviceUnavailableException", TOO_MUCH)


async def test_a_strict_stream_refuses_unsigned_messages(driver: Driver) -> None:
    driver.stream.receive(encode_frame(Frame(INNER, b"{}")))
    assert driver.exception == ("validationException", INVALID_INPUT)
