"""What a record looks like in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from nova_agent.calllog import CallRecord, read_record
from nova_agent.calllog.render import clock_time, render_record
from tests.fakes.record import FakeClock


def shown(renderable: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    console.print(renderable)
    file = console.file
    assert isinstance(file, io.StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


@pytest.mark.parametrize(
    ("t_ms", "text"),
    [(0, "00:00.0"), (2_349, "00:02.3"), (59_999, "00:59.9"), (125_300, "02:05.3"), (6_000_000, "100:00.0")],
)
def test_times_are_minutes_seconds_and_tenths(t_ms: int, text: str) -> None:
    assert clock_time(t_ms) == text


def test_a_transcript_reads_as_a_conversation(record: CallRecord, clock: FakeClock) -> None:
    record.write("persona.entered", name="survey", voice="tiffany")
    clock.elapsed_s = 1.5
    record.write("turn.agent", text="How was it?", interrupted=True)
    clock.elapsed_s = 65
    record.write("turn.user", text="[bold]seven[/bold]")
    record.write("tool.called", tool="answer", arguments={"words": "seven"})
    record.write("tool.returned", tool="answer", status="ok", ms=12)
    text = shown(render_record(read_record(record.path)))
    assert [line for line in text.splitlines() if line.startswith("0")] == [
        "00:00.0          ── survey takes over, voice tiffany ──",
        "00:01.5  Agent   How was it? (interrupted)",
        "01:05.0  Caller  [bold]seven[/bold]",
        '01:05.0          → answer(words="seven")',
        "01:05.0          ← answer: ok, 12 ms",
    ]


def test_what_explains_a_silence_is_shown(record: CallRecord) -> None:
    record.write("sonic.stream_failed", reason="send-blocked")
    record.write("silence.noticed", silence_ms=7400)
    record.write("metric.tokens", input_text=987)
    text = shown(render_record(read_record(record.path)))
    assert "the stream failed: send-blocked" in text
    assert "7.4 s of silence" in text
    assert "987" not in text


def test_what_a_caller_heard_instead_of_a_model_is_shown_with_its_cause(record: CallRecord) -> None:
    record.write("call.message_played", message="apology", cause="access-denied", ms=5000)
    record.write("call.transferred", to="tel:+14155550100", ok=False, cause="access-denied", error_code="refused")
    record.end("sonic-failed")
    text = shown(render_record(read_record(record.path)))
    assert "! the caller heard the message 'apology' (access-denied)" in text
    assert "! the caller could not be transferred (refused): tel:‹phone›" in text
    assert "sonic-failed (access-denied) after" in text


def test_an_ended_call_closes_with_its_summary(record: CallRecord, clock: FakeClock) -> None:
    record.write("metric.first_audio", ms=420)
    clock.elapsed_s = 61
    record.end("completed")
    text = shown(render_record(read_record(record.path)))
    assert "completed after 01:01.0" in text
    assert "median 420 ms" in text


def test_a_call_without_an_end_says_so(record: CallRecord) -> None:
    record.write("turn.user", text="hello")
    running = read_record(record.path)
    assert "running: the call is going on" in shown(render_record(running))
    copy = record.path.with_name("copy.jsonl")
    copy.write_bytes(record.path.read_bytes())
    assert "interrupted: the record stops here" in shown(render_record(read_record(copy)))
