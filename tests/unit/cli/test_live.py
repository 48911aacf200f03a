"""The transcript that is printed while a call goes on."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from nova_agent.cli.live import LiveTranscript

WORDS = "Hello, and thank you for taking this call. It takes about two minutes."


def printed(*events: dict[str, Any], width: int = 48, speed: float = 1, tools: bool = True) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    live = LiveTranscript(console, tools=tools, speed=speed)
    for event in events:
        live({"t_ms": 61_200, **event})
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_long_words_go_on_under_their_beginning() -> None:
    first, *more = printed({"event": "turn.agent", "text": WORDS})
    assert first.startswith("01:01.2  agent   Hello, ")
    indent = first.index("Hello")
    assert more
    assert all(line[:indent].isspace() and not line[indent].isspace() for line in more)
    assert " ".join((first[indent:], *(line.strip() for line in more))) == WORDS


def test_times_are_those_of_the_conversation_at_any_speed() -> None:
    assert printed({"event": "turn.user", "text": "Yes."}, speed=2) == ["02:02.4  caller  Yes."]


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"event": "turn.agent", "text": "I was", "interrupted": True}, "agent   I was …"),
        (
            {"event": "tool.called", "tool": "answer", "arguments": {"ask": "a:1", "words": "[b]eight"}},
            "· answer([b]eight)",
        ),
        ({"event": "answer.recorded", "question_id": "rating", "value": 8}, "· recorded: rating = 8"),
        ({"event": "answer.skipped", "question_id": "rating", "value": None}, "· skipped: rating"),
        ({"event": "sonic.stream_failed", "reason": "throttled"}, "! stream failed: throttled"),
        ({"event": "call.message_played", "message": "busy"}, "! the caller heard the message 'busy'"),
    ],
)
def test_what_happens_is_one_line(event: dict[str, Any], shown: str) -> None:
    (line,) = printed(event, width=80)
    assert line.endswith(shown)


def test_tools_can_be_left_out_and_the_rest_of_the_record_is() -> None:
    called = {"event": "tool.called", "tool": "answer", "arguments": {}}
    assert printed(called, {"event": "metric.tokens"}, tools=False) == []
