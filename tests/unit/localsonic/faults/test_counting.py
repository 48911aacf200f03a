"""What a stream's frames are an opportunity for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from nova_agent.localsonic.envelope import event_frame, exception_frame
from nova_agent.localsonic.faults.counting import InputCounter, OutputCounter
from nova_agent.localsonic.outputs import INTERRUPTED_MARKER, Event, OutputEvents

EVENTS = OutputEvents("session", "prompt", "completion")
CALLER = EVENTS.user_text("hello")
SENTENCE = [
    *EVENTS.assistant_text("SPECULATIVE", "Hello there.", "PARTIAL_TURN"),
    EVENTS.audio_start("a", 24000),
    *[EVENTS.audio("a", bytes(3840))] * 4,
]
LAST = EVENTS.audio_end("a", "END_TURN")
TOOL = EVENTS.tool_use("1", "look_up", {}, double_encoded=False)


def met(*events: Event, measures_audio: bool = True) -> list[str]:
    counter, found = OutputCounter(), list[str]()
    for event in events:
        sent = counter.count(event_frame(event), measures_audio=measures_audio)
        for moment, opportunity in (("before", sent.before), ("after", sent.after)):
            if opportunity is not None:
                until = f":{opportunity.until:.0f}" if opportunity.kind == "audio" else ""
                found.append(f"{moment} {opportunity.kind}={opportunity.number}{until}")
    return found


def test_an_answer_begins_with_its_first_block_and_its_audio_is_measured() -> None:
    events = [EVENTS.completion_start(), *CALLER, *SENTENCE, LAST]
    assert met(*events) == ["before turn=1", *(f"before audio=1:{ms}" for ms in (0, 80, 160, 240))]


def test_unmeasured_audio_is_an_opportunity_once_an_answer() -> None:
    events = [*SENTENCE, *SENTENCE, LAST, *SENTENCE, LAST]
    assert met(*events, measures_audio=False) == [
        "before turn=1",
        "before audio=1:0",
        "before turn=2",
        "before audio=2:0",
    ]


def test_a_tool_call_and_what_follows_its_result_are_one_answer() -> None:
    events = [*CALLER, *TOOL, *TOOL, *SENTENCE, LAST, *CALLER, *TOOL]
    assert [line for line in met(*events) if "audio" not in line] == [
        "before turn=1",
        "after tool=1",
        "after tool=2",
        "before turn=2",
        "after tool=3",
    ]


@pytest.mark.parametrize(
    "ending",
    [
        [LAST],
        [EVENTS.audio_end("a", "INTERRUPTED")],
        EVENTS.assistant_text("FINAL", INTERRUPTED_MARKER, "INTERRUPTED"),
        CALLER,
        [EVENTS.completion_end()],
    ],
)
def test_whatever_ends_an_answer_lets_the_next_one_be_counted(ending: Sequence[Event]) -> None:
    assert "before turn=2" in met(*SENTENCE, *ending, *SENTENCE)


def test_spoken_texts_afterwards_are_no_answer() -> None:
    assert met(*SENTENCE, LAST, *EVENTS.assistant_text("FINAL", "Hello there.", "END_TURN"))[-1] == "before audio=1:240"


def test_padding_hides_no_event() -> None:
    counter = OutputCounter()
    sent = [counter.count(event_frame(event, padded=True), measures_audio=True) for event in SENTENCE]
    assert [found.before.kind for found in sent if found.before] == ["turn", *["audio"] * 4]


def test_what_is_no_event_counts_for_nothing() -> None:
    counter = OutputCounter()
    sent = counter.count(exception_frame("validationException", "no"), measures_audio=True)
    assert (sent.before, sent.after) == (None, None)


@pytest.mark.parametrize("form", [{}, {"indent": 2}, {"separators": (",", ":")}])
def test_input_events_are_counted_by_name_however_they_are_written(form: dict[str, Any]) -> None:
    counter = InputCounter()
    names = ["sessionStart", "audioInput", "audioInput"]
    found = [counter.count(json.dumps({"event": {name: {"a": 1}}}, **form).encode()) for name in names]
    assert found == [("sessionStart", 1), ("audioInput", 1), ("audioInput", 2)]


def test_garbage_is_no_input_event() -> None:
    assert InputCounter().count(b"no json") == ("", 1)
