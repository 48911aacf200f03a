"""When a stream is struck, and what is done to it then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nova_agent.localsonic.envelope import event_frame
from nova_agent.localsonic.outputs import Event, OutputEvents

Strike = Callable[..., Any]

EVENTS = OutputEvents("session", "prompt", "completion")
ANSWER = [
    *EVENTS.assistant_text("SPECULATIVE", "Hello there.", "PARTIAL_TURN"),
    EVENTS.audio_start("a", 24000),
    *[EVENTS.audio("a", bytes(3840))] * 5,
    EVENTS.audio_end("a", "END_TURN"),
]
TOOL = EVENTS.tool_use("1", "look_up", {}, double_encoded=False)


def send(struck: Any, *events: Event) -> None:
    for event in events:
        struck.faults.send(event_frame(event))


def sent_before(struck: Any, what: str) -> int:
    done: list[str] = struck.done
    return sum(line.startswith("send") for line in done[: done.index(what)])


async def test_without_faults_everything_passes(strike: Strike) -> None:
    struck = strike().begin()
    struck.faults.start(200, {})
    struck.hear("sessionStart", "audioInput")
    send(struck, *ANSWER)
    struck.faults.end()
    assert (struck.done[0], len(struck.done), struck.done[-1]) == ("start 200", len(ANSWER) + 2, "end")


async def test_a_refusal_comes_instead_of_the_stream(strike: Strike) -> None:
    struck = strike("http-403:ExpiredTokenException@open")
    assert (struck.refusal.status, struck.refusal.error_type) == (403, "ExpiredTokenException")
    assert struck.points == ["open"]


async def test_an_exception_at_open_ends_the_stream_as_it_begins(strike: Strike) -> None:
    struck = strike("throttlingException@open").begin()
    assert struck.refusal is None
    assert [line.split()[0] for line in struck.done] == ["start", "send", "end"]


async def test_the_nth_event_of_a_name_is_counted_from_the_streams_beginning(strike: Strike) -> None:
    struck = strike().begin()
    struck.hear("sessionStart", "audioInput", "audioInput")
    struck.plan.add("rst:8@event=audioInput:3")
    struck.hear("contentStart", "audioInput")
    assert (struck.done, struck.points) == (["reset 8"], ["event=audioInput:3"])


async def test_a_turn_is_struck_before_its_first_output(strike: Strike) -> None:
    struck = strike("rst@turn=2").begin()
    send(struck, *ANSWER, *ANSWER)
    assert sent_before(struck, "reset 2") == len(ANSWER)


async def test_audio_is_struck_after_so_many_milliseconds(strike: Strike) -> None:
    struck = strike("rst@audio=1:150").begin()
    send(struck, *ANSWER)
    before_audio = len(ANSWER) - 6
    assert sent_before(struck, "reset 2") == before_audio + 2


async def test_a_tool_call_is_struck_just_after_it_was_sent(strike: Strike) -> None:
    struck = strike("tcp-cut@tool=1").begin()
    send(struck, *TOOL)
    assert (sent_before(struck, "abort"), struck.done[-1]) == (len(TOOL), "abort")


async def test_an_age_is_reached_on_the_endpoints_clock(strike: Strike) -> None:
    struck = strike("goaway@seconds=20").begin()
    await struck.clock.advance(19.9)
    assert struck.done == []
    await struck.clock.advance(0.2)
    assert (struck.done, struck.points) == (["go away 0"], ["seconds=20"])


async def test_an_age_that_has_passed_is_not_reached_any_more(strike: Strike) -> None:
    struck = strike().begin()
    await struck.clock.advance(30)
    struck.plan.add("rst@seconds=20")
    struck.plan.add("tcp-close@seconds=31")
    await struck.clock.advance(30)
    assert struck.done == ["close"]


async def test_a_stream_that_is_over_reaches_no_age(strike: Strike) -> None:
    struck = strike("rst@seconds=20").begin()
    struck.faults.close()
    struck.plan.add("rst@now")
    await struck.clock.advance(30)
    assert struck.done == []


async def test_now_strikes_an_open_stream_at_once(strike: Strike) -> None:
    struck = strike().begin()
    struck.plan.add("rst@now")
    assert struck.done == ["reset 2"]


async def test_now_waits_for_a_stream_if_there_is_none(strike: Strike) -> None:
    assert strike("rst@now").begin().done == ["reset 2"]


async def test_last_words_are_no_opportunity_themselves(strike: Strike) -> None:
    struck = strike("corrupt-prelude@turn=1", "rst@turn").begin()
    send(struck, *ANSWER)
    assert struck.points == ["turn=1"]


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("rst:REFUSED_STREAM@now", "reset 7"),
        ("goaway:ENHANCE_YOUR_CALM@now", "go away 11"),
        ("tcp-cut@now", "abort"),
        ("tcp-close@now", "close"),
        ("mute@now", "allow 0"),
        ("blocked-window@now", "block"),
    ],
)
async def test_each_fault_of_the_wire_has_its_seam(strike: Strike, text: str, done: str) -> None:
    struck = strike(text).begin()
    await struck.clock.advance(100)
    assert struck.done == [done]


async def test_a_mute_stream_speaks_again_after_its_time(strike: Strike) -> None:
    struck = strike("mute:5@now").begin()
    await struck.clock.advance(4.9)
    assert struck.done == ["allow 0"]
    await struck.clock.advance(0.2)
    assert struck.done == ["allow 0", "allow None"]


async def test_a_blocked_window_opens_again_after_its_time(strike: Strike) -> None:
    struck = strike("blocked-window:5@now").begin()
    await struck.clock.advance(5.1)
    assert struck.done == ["block", "unblock"]


@pytest.mark.parametrize(("rate", "allowed"), [(2000, 100), (4, 1)])
async def test_a_trickle_lets_so_many_bytes_leave_a_second(strike: Strike, rate: int, allowed: int) -> None:
    struck = strike(f"trickle:{rate}@now").begin()
    await struck.clock.advance(0.99)
    assert struck.done[0] == "allow 0"
    assert struck.done[1:] == [f"allow {allowed}"] * (rate // allowed)


async def test_a_trickle_stops_with_the_stream(strike: Strike) -> None:
    struck = strike("trickle@now").begin()
    await struck.clock.advance(0.2)
    struck.exchange.is_over = True
    count = len(struck.done)
    await struck.clock.advance(10)
    assert len(struck.done) == count


async def test_the_later_of_two_paces_holds(strike: Strike) -> None:
    struck = strike("trickle@event=sessionStart", "mute@event=promptStart").begin()
    struck.hear("sessionStart")
    await struck.clock.advance(0.2)
    struck.hear("promptStart")
    await struck.clock.advance(1)
    assert struck.done[-1] == "allow 0"


async def test_slow_headers_come_late_with_everything_behind_them(strike: Strike) -> None:
    struck = strike("slow-headers:3@open").begin()
    struck.faults.start(200, {})
    send(struck, EVENTS.completion_start())
    struck.faults.end()
    assert struck.done == []
    await struck.clock.advance(3.1)
    assert [line.split()[0] for line in struck.done] == ["start", "send", "end"]


async def test_headers_that_never_come_hold_everything_back(strike: Strike) -> None:
    struck = strike("no-headers@open").begin()
    struck.faults.start(200, {})
    send(struck, *ANSWER)
    await struck.clock.advance(3600)
    assert struck.done == []
