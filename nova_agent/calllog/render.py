"""How a call record looks in a terminal: a transcript line by line, and a box with the summary."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from nova_agent.calllog.reader import Record

Row = tuple[Text, Text]
"""Who, and what they said or did."""

_INTERRUPTED: Final = "interrupted: the record stops here, and the process that wrote it is gone"
_RUNNING: Final = "running: the call is going on"
_TIME_WIDTH: Final = 8
_WHO_WIDTH: Final = 7


def render_record(record: Record) -> RenderableType:
    """A whole record: heading, transcript, and the summary or why there is none."""
    return Group(_heading(record), Text(), transcript(record.events), Text(), _ending(record))


def transcript(events: Iterable[Mapping[str, Any]]) -> Table:
    """The lines that people want to see of these events; feed it single events for a live display."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=_TIME_WIDTH, style="dim")
    table.add_column(width=_WHO_WIDTH)
    table.add_column(overflow="fold")
    for event in events:
        if (row := _row(event)) is not None:
            table.add_row(clock_time(event["t_ms"]), *row)
    return table


def clock_time(t_ms: int) -> str:
    """Minutes, seconds and tenths since the call began: ``02:05.3``."""
    tenths = t_ms // 100
    return f"{tenths // 600:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def _row(event: Mapping[str, Any]) -> Row | None:
    match event["event"]:
        case "turn.user":
            return Text("Caller", "bold cyan"), Text(event["text"])
        case "turn.agent":
            cut = Text(" (interrupted)" if event["interrupted"] else "", "yellow")
            return Text("Agent", "bold green"), Text(event["text"]) + cut
        case "tool.called":
            return Text(), Text(f"→ {event['tool']}({_arguments(event['arguments'])})", "dim")
        case "tool.returned":
            unmatched = "" if event["matched"] else ", not what was asked"
            outcome = f"← {event['tool']}: {event['status']}{unmatched}, {event['ms']} ms"
            return Text(), Text(outcome, "red" if event["status"] == "error" else "dim")
        case "persona.entered":
            voice = f", voice {event['voice']}" if event["voice"] else ""
            return Text(), Text(f"── {event['name']} takes over{voice} ──", "magenta")
        case _:
            return _aside(event)


def _aside(event: Mapping[str, Any]) -> Row | None:
    """What went on beside the conversation, where it explains something that was heard."""
    if event["event"] == "sonic.stream_failed":
        return Text(), Text(f"! the stream failed: {event['reason'] or 'unknown'}", "red")
    if event["event"] == "call.message_played":
        return Text(), Text(f"! the caller heard the message {event['message']!r} ({event['cause']})", "red")
    if event["event"] == "call.transferred":
        outcome = "was transferred" if event["ok"] else f"could not be transferred ({event['error_code']})"
        return Text(), Text(f"! the caller {outcome}: {event['to']}", "red")
    note = _note(event)
    return (Text(), Text(f"· {note}", "dim")) if note else None


def _note(event: Mapping[str, Any]) -> str:
    match event["event"]:
        case "sonic.stream_rotated":
            return "next stream"
        case "sonic.stream_replayed":
            return f"the next stream heard the last {event['audio_ms'] / 1000:.1f} s again"
        case "silence.noticed":
            return f"{event['silence_ms'] / 1000:.1f} s of silence"
        case "call.resumed":
            return f"carries on the call {event['resumed_call_id']}"
        case "survey.finished":
            return f"survey {event['survey_id']}: {event['status']}"
        case _:
            return ""


def _arguments(arguments: Mapping[str, JsonValue]) -> str:
    return ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items())


def _heading(record: Record) -> Text:
    began = record.events[0]["at"][:16].replace("T", " ") if record.events else "?"
    return Text.assemble((record.call_id, "bold"), f"  {began} UTC  ", (record.status, "dim"))


def _ending(record: Record) -> RenderableType:
    if record.status == "ended":
        return Panel(summary_table(record.events[-1]["summary"]), title="Summary", expand=False)
    return Text(_INTERRUPTED if record.status == "interrupted" else _RUNNING, "bold yellow")


def _streams(streams: Mapping[str, Any]) -> str:
    failed = ", ".join(f"{reason} {count}" for reason, count in streams["by_reason"].items())
    told = f"{streams['opened']} opened, {streams['rotated']} changed, {streams['failed']} failed"
    told += f" ({failed})" if failed else ""
    return f"{told}; longest gap {streams['longest_gap_ms']} ms, {streams['replayed_ms'] / 1000:.1f} s heard again"


def summary_table(summary: Mapping[str, Any]) -> Table:
    """The summary of ``call.ended``, a line for each group of numbers."""
    turns, tools, answers = summary["turns"], summary["tools"], summary["answers"]
    by_name = ", ".join(f"{name} {count}" for name, count in tools["by_name"].items())
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    for name, text in (
        ("ended", f"{_why_ended(summary)} after {clock_time(summary['duration_ms'])}"),
        ("personas", ", ".join(summary["personas"]) or "none"),
        ("turns", f"{turns['user']} caller, {turns['agent']} agent, {summary['interruptions']} interrupted"),
        ("tools", f"{tools['called']} called, {tools['errors']} failed" + (f" ({by_name})" if by_name else "")),
        ("answers", ", ".join(f"{count} {kind}" for kind, count in answers.items())),
        ("first audio", _first_audio(summary["first_audio_ms"])),
        ("streams", _streams(summary["streams"]) if "streams" in summary else "not counted"),
        ("tokens", ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in summary["tokens"].items())),
    ):
        table.add_row(name, Text(text))
    return table


def _why_ended(summary: Mapping[str, Any]) -> str:
    # Records of before there was a cause are read too.
    cause = summary.get("cause")
    return f"{summary['end_reason']} ({cause})" if cause else str(summary["end_reason"])


def _first_audio(times: Mapping[str, int | None]) -> str:
    if not times["count"]:
        return "not measured"
    return f"median {times['p50']} ms, 95th percentile {times['p95']} ms, {times['count']} measured"
