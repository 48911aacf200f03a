"""A call that survives: each fault once, and the caller need not say a word again."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest
from awscrt import NativeResource
from awscrt.http import HttpClientConnectionBase

from nova_agent.localsonic.switches import Switches
from nova_agent.sonic.limits import Limits
from nova_agent.sonic.quota import StreamQuotas
from tests.fakes.loud_sonic import utterance

Call = Callable[..., Any]
FAULTS = [
    "throttlingException@turn=2",
    "modelStreamErrorException@turn=2",
    "internalServerException@turn=2",
    "serviceUnavailableException@turn=2",
    "modelTimeoutException@turn=2",
    "rst-531@turn=2",
    "rst@turn=2",
    "tcp-cut@turn=2",
    "truncated-frame@turn=2",
    "corrupt-checksum@turn=2",
    "silent-end@turn=2",
    "unknown-exception@turn=2",
    "blocked-window@event=audioInput:60",
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_turn_is_answered_once_though_a_stream_dies(call: Call, fault: str) -> None:
    async with call(fault) as caller:
        for number in (1, 2, 3):
            await caller.say(number)
    assert caller.answers() == ["Answer 1.", "Answer 2.", "Answer 3."]
    assert len(caller.sonic.faults.fired) == 1
    assert caller.names().count("sonic.stream_opened") == 2
    assert not caller.gave_up


async def test_a_stream_that_takes_everything_and_answers_nothing_is_given_up(call: Call) -> None:
    async with call("mute@turn=2", limits=Limits(no_answer_s=2.0)) as caller:
        for number in (1, 2, 3):
            await caller.say(number)
    assert caller.answers() == ["Answer 1.", "Answer 2.", "Answer 3."]
    assert ("sonic.stream_failed", "no-answer") in [(event, fields.get("reason")) for event, fields in caller.happened]


async def test_an_answer_that_stops_in_the_middle_is_gone_on_with(call: Call) -> None:
    async with call("mute@audio=2:100", limits=Limits(no_answer_s=1.5)) as caller:
        for number in (1, 2, 3):
            await caller.say(number)
    assert caller.answers() == ["Answer 1.", "Answer 2.", "Answer 3."]
    assert "Going on after: Answer 1." in caller.said
    assert ("sonic.stream_failed", "no-answer") in [(event, fields.get("reason")) for event, fields in caller.happened]


async def test_words_of_which_a_stream_makes_nothing_are_heard_by_the_next(call: Call) -> None:
    async with call("mute@event=audioInput:40", limits=Limits(no_answer_s=1.5)) as caller:
        await asyncio.sleep(2.5)
        await caller.say(3)
    assert caller.answers() == ["Answer 3."]
    assert "sonic.stream_replayed" in caller.names()


async def test_words_that_a_dying_stream_never_told_of_are_heard_by_the_next(call: Call) -> None:
    async with call("tcp-cut@event=audioInput:85") as caller:
        await asyncio.sleep(2.3)
        await caller.say(3)
    assert caller.answers() == ["Answer 3."]


async def test_a_sentence_typed_while_no_stream_serves_is_answered_after_what_was_open(call: Call) -> None:
    async with call("tcp-cut@turn=1") as caller:
        saying = asyncio.create_task(caller.say(1))
        await caller.until(lambda: "sonic.stream_opened" in caller.names())
        caller.sonic.faults.add("http-429@open")
        await caller.until(lambda: "sonic.stream_failed" in caller.names())
        await caller.conductor.type("Are you there?")
        await saying
        await caller.until(lambda: any(text.startswith("Going on") for text in caller.said))
    assert caller.said[0] == "Answer 1."


async def test_a_question_that_the_service_refuses_is_asked_for_again(call: Call) -> None:
    async with call("content-filter@turn=1,times=2") as caller:
        await caller.say(1)
        history = [turn.text for turn in caller.sonic.ledger.streams[-1].history]
    assert caller.said[0] == "Going on after: nothing"
    assert history == []


async def test_an_answer_that_the_service_refused_is_drawn_again(call: Call) -> None:
    async with call("content-filter@turn=2") as caller:
        await caller.say(1)
        await caller.say(2)
    assert caller.answers() == ["Answer 1.", "Answer 2."]


@pytest.mark.parametrize("refusal", ["http-400-quota", "http-403:AccessDeniedException"])
async def test_one_refusal_does_not_end_a_call(call: Call, refusal: str) -> None:
    async with call("rst@turn=1") as caller:
        await caller.until(lambda: "sonic.stream_opened" in caller.names())
        caller.sonic.faults.add(f"{refusal}@open")
        await caller.say(1)
    assert caller.answers() == ["Answer 1."]


async def test_an_answer_that_dribbles_is_given_up(call: Call) -> None:
    async with call("trickle@turn=2", limits=Limits(no_answer_s=1.5)) as caller:
        await caller.say(1)
        await caller.say(2)
    assert ("sonic.stream_failed", "no-answer") in [(event, fields.get("reason")) for event, fields in caller.happened]


async def test_words_are_not_lost_in_a_change_of_streams_that_nobody_told_of(call: Call) -> None:
    async with call(
        limits=Limits(rotate_s=1.5, rotate_by_s=5.0), switches=Switches(user_speech_events=False)
    ) as caller:
        await asyncio.sleep(1.2)
        await caller.say(1)
    assert caller.answers() == ["Answer 1."]


@pytest.mark.parametrize("fault", ["internalServerException@tool=1", "rst@tool=1", "silent-end@event=toolResult:1"])
async def test_a_tool_runs_once_for_one_request(call: Call, fault: str) -> None:
    async with call(fault) as caller:
        await caller.say(5)
        await caller.say(6)
    assert caller.tools == ["5"]
    assert caller.answers() == ["Answer 5, looked up.", "Answer 6."]
    assert caller.said.count("One moment.") == 1


async def test_an_answer_that_was_cut_is_gone_on_with(call: Call) -> None:
    async with call("rst@audio=2:100") as caller:
        for number in (1, 2, 3):
            await caller.say(number)
    assert caller.answers() == ["Answer 1.", "Answer 2.", "Answer 3."]
    assert "Going on after: Answer 1." in caller.said


async def test_streams_are_changed_in_time_and_not_a_sample_is_lost(call: Call) -> None:
    async with call(limits=Limits(rotate_s=2.0, rotate_by_s=6.0)) as caller:
        for number in range(1, 5):
            await caller.say(number)
        audio = caller.sonic.ledger.numbered_audio()
    assert caller.answers() == [f"Answer {number}." for number in range(1, 5)]
    assert caller.names().count("sonic.stream_rotated") >= 2
    assert audio.lost_samples == 0
    assert audio.doubled_samples <= sum(fields.get("audio_ms", 0) for _, fields in caller.happened) * 16 + 16


async def test_the_next_stream_is_told_what_was_said(call: Call) -> None:
    async with call("rst@turn=3") as caller:
        for number in (1, 2, 3):
            await caller.say(number)
        history = [(turn.role, turn.text) for turn in caller.sonic.ledger.streams[-1].history]
    assert history == [
        ("USER", "number 1"),
        ("ASSISTANT", "Answer 1. That was it."),
        ("USER", "number 2"),
        ("ASSISTANT", "Answer 2. That was it."),
    ]


async def test_talk_without_a_pause_is_heard_from_its_beginning_on_the_next_stream(call: Call) -> None:
    async with call(limits=Limits(rotate_s=1.0, rotate_by_s=2.0)) as caller:
        await caller.say(7, speech_ms=4_000)
        audio = caller.sonic.ledger.numbered_audio()
    assert caller.answers() == ["Answer 7."]
    assert "sonic.stream_replayed" in caller.names()
    assert audio.lost_samples == 0


async def test_another_region_takes_over_when_one_is_down(call: Call) -> None:
    async with call(before=("https://127.0.0.1:9",)) as caller:
        await caller.say(1)
    opened = [fields["region"] for event, fields in caller.happened if event == "sonic.stream_opened"]
    assert opened == ["us-east-1"]
    assert ("sonic.stream_failed", "unreachable") in [
        (event, fields.get("reason")) for event, fields in caller.happened
    ]


async def test_a_call_on_the_only_place_survives_the_end_of_its_stream(call: Call) -> None:
    async with call("rst@turn=1", quotas=StreamQuotas(1)) as caller:
        await caller.say(1)
    assert caller.answers() == ["Answer 1."]


async def test_streams_are_changed_on_the_only_place_too(call: Call) -> None:
    async with call(limits=Limits(rotate_s=1.0, rotate_by_s=2.0), quotas=StreamQuotas(1)) as caller:
        await caller.say(1)
        await caller.say(2)
        await asyncio.sleep(1)
        audio = caller.sonic.ledger.numbered_audio()
    assert caller.answers() == ["Answer 1.", "Answer 2."]
    happened = [(event, fields.get("reason")) for event, fields in caller.happened]
    assert ("sonic.stream_rotated", "no-place-yet") in happened
    assert [event for event, _ in happened].count("sonic.stream_opened") == 1
    assert "sonic.stream_failed" not in dict(happened)
    assert audio.lost_samples == 0


async def test_nobody_waits_for_a_service_that_lets_nobody_in(call: Call) -> None:
    async with call("http-403:AccessDeniedException@open,for=60") as caller:
        async with asyncio.timeout(10):
            while not caller.gave_up:  # noqa: ASYNC110 – a list, and no event of the conductor's API
                await asyncio.sleep(0.05)
    assert [failure.reason for failure in caller.gave_up] == ["access-denied"]


async def test_nothing_is_left_of_a_call_whose_streams_died(call: Call) -> None:
    before = asyncio.all_tasks()
    async with call("tcp-cut@turn=1", "blocked-window@event=audioInput:80") as caller:
        await caller.say(1)
        caller.speak(utterance(2))
        await asyncio.sleep(3)
    await asyncio.sleep(0)
    assert {task.get_name() for task in asyncio.all_tasks() - before} == set()


async def test_a_connection_that_was_cut_is_freed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NativeResource, "_track_lifetime", True)
    before = set(NativeResource._living)
    async with call("tcp-cut@turn=1") as caller:
        await caller.say(1)
    for _ in range(3):  # what a generator holds is freed by the collection after the one that closes it
        gc.collect()
        await asyncio.sleep(0.1)
    left = [
        type(one).__name__ for one in set(NativeResource._living) - before if isinstance(one, HttpClientConnectionBase)
    ]
    assert left == []
