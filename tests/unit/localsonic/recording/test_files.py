"""Recordings on disk: what a writer leaves, and what a reader says about it."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nova_agent.errors import ContentInvalid, RecordError
from nova_agent.localsonic.recording.entries import EndEntry, EventEntry, Header
from nova_agent.localsonic.recording.reader import read_recording
from nova_agent.localsonic.recording.writer import RecordingWriter

NEW = Header(model_id="amazon.nova-2-sonic-v1:0", recorded_at=datetime(2026, 11, 24, 19, 10, 8, tzinfo=UTC))
EVENT = {"t_ms": 1, "direction": "in", "event": {"sessionStart": {}}}
Recorded = Callable[..., Path]


def test_every_line_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    writer = RecordingWriter.create(tmp_path / "new", NEW)
    writer.write(EventEntry(t_ms=1, direction="in", event={"sessionStart": {}}))
    recording = read_recording(writer.path)
    assert recording.header == NEW
    assert [(line, entry.t_ms) for line, entry in recording.entries] == [(2, 1)]
    writer.close()


def test_a_file_is_its_owners_alone_and_named_by_its_time(tmp_path: Path) -> None:
    first, second = RecordingWriter.create(tmp_path, NEW), RecordingWriter.create(tmp_path, NEW)
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    assert first.path.name.startswith("20261124T191008Z-")
    assert first.path != second.path
    first.close(), second.close()


def test_time_counts_from_the_request(tmp_path: Path) -> None:
    times = iter((100.0, 100.0126))
    writer = RecordingWriter(tmp_path / "a.jsonl", NEW, monotonic=lambda: next(times))
    assert writer.elapsed_ms == 13
    writer.close()


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="file: cannot be a folder for recordings"):
        RecordingWriter.create(tmp_path / "file", NEW)


def test_a_recording_never_overwrites_another(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(RecordError, match="cannot be created"):
        RecordingWriter(path, NEW)
    assert path.read_text(encoding="utf-8") == "mine"


def test_what_a_killed_recorder_left_half_written_is_passed_over(recorded: Recorded) -> None:
    path = recorded(EVENT, {"t_ms": 2, "direction": "out", "end": True})
    path.write_text(path.read_text(encoding="utf-8") + '{"t_ms": 3, "dire', encoding="utf-8")
    assert read_recording(path).entries[-1] == (3, EndEntry(t_ms=2, direction="out"))


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("{", "line 3: is no JSON"),
        ("7", "line 3: is no JSON object"),
        ({"t_ms": 2, "direction": "in"}, "line 3: has none; it takes exactly one of event, raw"),
        ({**EVENT, "end": True}, "line 3: has event and end; it takes exactly one"),
        ({**EVENT, "direction": "up"}, "line 3: direction: Input should be 'in' or 'out'"),
        ({**EVENT, "t_ms": -1}, "line 3: t_ms: Input should be greater than or equal to 0"),
        ({**EVENT, "event": {"a": {}, "b": {}}}, "line 3: event: Value error, has to be one event's name"),
        ({**EVENT, "more": 1}, "line 3: more: Extra inputs are not permitted"),
        ({"t_ms": 2, "direction": "in", "raw": "?"}, "line 3: raw: Value error, is no base64"),
    ],
)
def test_a_wrong_line_is_named_with_what_is_wrong(recorded: Recorded, line: Any, finding: str) -> None:
    path = recorded(EVENT, line)
    with pytest.raises(ContentInvalid) as raised:
        read_recording(path)
    assert str(raised.value).startswith(f"{path}: {finding}")


@pytest.mark.parametrize(
    ("header", "finding"),
    [
        ({"a": 1}, "is not the header of a recording"),
        ({"format": "nova-agent/sonic-recording", "version": 2}, "version 2 cannot be read here"),
        ({"format": "nova-agent/sonic-recording", "version": 1}, "model_id: Field required"),
    ],
)
def test_a_wrong_header_is_named(recorded: Recorded, header: dict[str, Any], finding: str) -> None:
    with pytest.raises(ContentInvalid, match=f"line 1: {finding}"):
        read_recording(recorded(header=header))


def test_a_missing_file_and_an_empty_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid, match="cannot be read"):
        read_recording(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(ContentInvalid, match="line 1: is empty"):
        read_recording(tmp_path / "empty.jsonl")


def test_lines_are_plain_json_for_other_tools(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.jsonl", NEW)
    writer.write(EventEntry(t_ms=1, direction="in", event={"textInput": {"content": "schön"}}))
    writer.close()
    header, event = writer.path.read_text(encoding="utf-8").splitlines()
    assert json.loads(header)["format"] == "nova-agent/sonic-recording"
    assert json.loads(event) == {"t_ms": 1, "direction": "in", "event": {"textInput": {"content": "schön"}}}
