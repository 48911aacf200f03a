"""Reading records back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nova_agent.calllog import CallRecord, find_record, list_records, read_record
from nova_agent.errors import RecordError
from tests.fakes.record import FakeClock, NewRecord

WRITE_AND_WAIT = """
import sys, time
from pathlib import Path
from nova_agent.calllog import CallRecord, Redactor
from nova_agent.log import configure_logging

configure_logging("error", json=True)
record = CallRecord.create(Path(sys.argv[1]), "killed", redactor=Redactor())
record.write("turn.user", text="hello")
print("written", flush=True)
sys.stdin.read()
"""


def test_a_record_reads_back_in_order(record: CallRecord) -> None:
    for text in ("one", "two"):
        record.write("turn.user", text=text)
    kept = read_record(record.path)
    assert kept.call_id == "c1"
    assert [event["text"] for event in kept.events] == ["one", "two"]


def test_a_call_is_running_until_it_has_ended(record: CallRecord) -> None:
    assert read_record(record.path).status == "running"
    record.write("turn.user", text="hello")
    assert read_record(record.path).status == "running"
    record.end("completed")
    assert read_record(record.path).status == "ended"


def test_a_killed_call_reads_as_interrupted_and_loses_nothing(records: Path) -> None:
    command = [sys.executable, "-c", WRITE_AND_WAIT, str(records)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        path = find_record(records, "killed")
        assert read_record(path).status == "running"
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    killed = read_record(path)
    assert (killed.status, [event["text"] for event in killed.events]) == ("interrupted", ["hello"])
    assert list_records(records)[0].status == "interrupted"


def test_a_torn_last_line_is_left_out_and_counted(record: CallRecord) -> None:
    record.write("turn.user", text="one")
    with record.path.open("ab") as file:
        file.write(b'{"v":1,"seq":2,"at":"2026-')
    kept = read_record(record.path)
    assert ([event["text"] for event in kept.events], kept.torn) == (["one"], 1)


def test_a_file_without_events_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"\xff\xfe nothing\n[1]\n{}\n")
    with pytest.raises(RecordError, match=r"x\.jsonl is no call record"):
        read_record(tmp_path / "x.jsonl")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"nowhere\.jsonl cannot be read"):
        read_record(tmp_path / "nowhere.jsonl")


def three_calls(new_record: NewRecord, clock: FakeClock) -> None:
    for call_id, hours in (("ab-1", 0), ("ab-2", 1), ("cd-3", 30)):
        clock.elapsed_s = hours * 3600
        record = new_record(call_id)
        record.write("persona.entered", name="survey" if call_id != "ab-2" else "forms")
        record.end("completed")


def test_records_are_listed_newest_first(new_record: NewRecord, clock: FakeClock, records: Path) -> None:
    three_calls(new_record, clock)
    assert [head.call_id for head in list_records(records)] == ["cd-3", "ab-2", "ab-1"]
    assert [head.call_id for head in list_records(records, limit=2)] == ["cd-3", "ab-2"]


def test_records_are_listed_by_persona(new_record: NewRecord, clock: FakeClock, records: Path) -> None:
    three_calls(new_record, clock)
    assert [head.call_id for head in list_records(records, persona="survey", limit=2)] == ["cd-3", "ab-1"]


def test_a_list_tells_how_a_call_went(new_record: NewRecord, clock: FakeClock, records: Path) -> None:
    three_calls(new_record, clock)
    running = new_record("running")
    running.write("persona.entered", name="tasks")
    ended, going_on = (head for head in list_records(records) if head.call_id in ("cd-3", "running"))
    if ended.call_id == "running":
        ended, going_on = going_on, ended
    assert ended.summary is not None
    assert (ended.status, ended.personas, ended.summary["end_reason"]) == ("ended", ("survey",), "completed")
    assert (going_on.status, going_on.personas, going_on.summary) == ("running", ("tasks",), None)


def test_no_folder_has_no_records(tmp_path: Path) -> None:
    assert list_records(tmp_path / "nowhere") == []


@pytest.mark.parametrize(("asked", "found"), [("ab-1", "ab-1"), ("cd", "cd-3"), ("last", "cd-3")])
def test_a_call_is_found_by_its_id_or_the_beginning_of_it(
    new_record: NewRecord, clock: FakeClock, records: Path, asked: str, found: str
) -> None:
    three_calls(new_record, clock)
    assert find_record(records, asked).stem == found


def test_a_whole_id_wins_over_longer_ones(new_record: NewRecord, records: Path) -> None:
    for call_id in ("call", "call-2"):
        new_record(call_id)
    assert find_record(records, "call").stem == "call"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("ab", r"2 calls begin with 'ab': ab-2, ab-1"),
        ("zz", r"latest are: cd-3, ab-2, ab-1"),
        ("", r"''"),
        ("../ab-1", "no record"),
    ],
)
def test_what_cannot_be_found_names_candidates(
    new_record: NewRecord, clock: FakeClock, records: Path, asked: str, said: str
) -> None:
    three_calls(new_record, clock)
    with pytest.raises(RecordError, match=said):
        find_record(records, asked)


def test_the_last_of_no_calls_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no call records"):
        find_record(tmp_path, "last")
