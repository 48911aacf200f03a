"""``nova-agent calls``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nova_agent.calllog import CallRecord, Redactor
from nova_agent.cli.calls import app
from nova_agent.errors import RecordError


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """One ended call of the survey persona, and one of the forms persona that stopped in the middle."""
    for call_id, persona in (("first", "survey"), ("second", "forms")):
        record = CallRecord.create(tmp_path, call_id, redactor=Redactor())
        record.write("persona.entered", name=persona)
        record.write("turn.user", text=f"hello from the {call_id}")
        record.end("completed")
    whole = record.path.read_bytes().splitlines(keepends=True)
    record.path.write_bytes(b"".join(whole[:-1]))
    return tmp_path


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def run_json(*arguments: str | Path) -> Any:
    return json.loads(run(*arguments, "--json"))


def test_list_shows_how_calls_ended(records: Path) -> None:
    heading, second, first = run("list", "--records", records).splitlines()
    assert heading.split()[:1] == ["call"]
    assert "forms" in second
    assert "interrupted" in second
    assert "survey" in first
    assert "completed" in first


def test_list_can_be_narrowed(records: Path) -> None:
    assert [head["call_id"] for head in run_json("list", "--records", records, "--limit", "1")] == ["second"]
    assert [head["call_id"] for head in run_json("list", "--records", records, "--persona", "survey")] == ["first"]


def test_list_of_nothing_says_where_it_looked(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["list", "--records", str(tmp_path)])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "No calls in" in result.stderr


def test_show_prints_the_transcript(records: Path) -> None:
    assert "hello from the first" in run("show", "first", "--records", records)
    interrupted = run("show", "last", "--records", records)
    assert "hello from the second" in interrupted
    assert "interrupted" in interrupted


def test_show_as_json_has_every_event(records: Path) -> None:
    shown = run_json("show", "fi", "--records", records)
    assert (shown["call_id"], shown["status"], shown["torn"]) == ("first", "ended", 0)
    assert [event["event"] for event in shown["events"]] == ["persona.entered", "turn.user", "call.ended"]


def test_path_prints_where_the_record_is(records: Path) -> None:
    path = Path(run("path", "first", "--records", records).strip())
    assert path.name == "first.jsonl"
    assert path.is_file()


@pytest.mark.parametrize("command", ["show", "path"])
def test_an_unknown_call_is_an_error_with_candidates(records: Path, command: str) -> None:
    with pytest.raises(RecordError, match="The latest are: second, first"):
        run(command, "third", "--records", records)


def test_the_folder_comes_from_the_settings(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(records)
    monkeypatch.setenv("NOVA_RECORD__DIRECTORY", str(records))
    assert Path(run("path", "first").strip()).parent.parent == records
