"""A record while it is written."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from nova_agent.calllog import CallRecord, Redactor, read_record
from nova_agent.errors import RecordError
from tests.fakes.record import FakeClock, NewRecord


def lines(record: CallRecord) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record.path.read_text().splitlines()]


def test_a_record_is_a_file_of_its_day(record: CallRecord, records: Path) -> None:
    assert record.path == records / "2026-11-05" / "c1.jsonl"
    assert record.path.read_bytes() == b""


def test_a_line_says_when_and_in_which_call(record: CallRecord, clock: FakeClock) -> None:
    clock.elapsed_s = 1.2345
    record.write("turn.user", text="hello")
    (line,) = lines(record)
    assert list(line)[:7] == ["v", "seq", "at", "t_ms", "call_id", "persona", "event"]
    assert (line["v"], line["seq"], line["call_id"], line["persona"]) == (1, 1, "c1", None)
    assert (line["at"], line["t_ms"]) == ("2026-11-05T12:00:01.234Z", 1234)


def test_every_line_is_there_at_once(record: CallRecord) -> None:
    for count in range(1, 4):
        record.write("turn.user", text="hello")
        assert [line["seq"] for line in lines(record)] == list(range(1, count + 1))


def test_the_persona_that_entered_stays_in_charge(record: CallRecord, seen: list[dict[str, Any]]) -> None:
    record.write("persona.entered", name="survey")
    record.write("turn.user", text="hello")
    record.write("turn.user", text="hello", persona="forms")
    assert [event["persona"] for event in seen] == ["survey", "survey", "forms"]


def test_words_are_redacted_before_anything_sees_them(record: CallRecord, seen: list[dict[str, Any]]) -> None:
    with capture_logs() as logs:
        record.write("turn.user", text="call 415-555-2671")
        record.write("turn.agent", text="so 415-555-2671")
        record.write("tool.called", tool="answer", arguments={"ask": "q1", "words": "415-555-2671"})
        record.write("answer.recorded", question_id="q1", value="4155552671")
        record.write("call.started", caller_identity="+14155552671", options={"number": "4155552671"})
    for sink in (record.path.read_text(), json.dumps(seen), json.dumps(logs)):
        assert "2671" not in sink
    assert lines(record)[2]["arguments"] == {"ask": "q1", "words": "‹phone›"}


def test_an_answer_to_a_private_question_is_masked_from_the_first_line(record: CallRecord) -> None:
    record.redactor.private_ask = True
    record.write("turn.user", text="I was born in Ghent")
    record.write("tool.called", tool="answer", arguments={"ask": "q1", "words": "Ghent"})
    record.redactor.private_ask = False
    record.redactor.add_private("Ghent")
    record.write("turn.agent", text="Ghent, then. Thank you.")
    assert "Ghent" not in record.path.read_text()
    assert lines(record)[2]["text"] == "‹private›, then. Thank you."


def test_the_log_carries_the_same_event_without_words(record: CallRecord) -> None:
    with capture_logs() as logs:
        record.write("turn.user", text="a secret", speech_ms=900)
    assert logs == [
        {
            "event": "turn.user",
            "log_level": "info",
            "seq": 1,
            "t_ms": 0,
            "call_id": "c1",
            "typed": False,
            "speech_ms": 900,
        }
    ]


@pytest.mark.parametrize(
    ("event", "fields", "said"),
    [
        ("turn.nobody", {}, "turn.nobody"),
        ("turn.user", {"text": "a", "colour": "red"}, "colour"),
        ("turn.user", {}, "text"),
        ("turn.user", {"text": 7}, "text"),
        ("turn.user", {"text": "a", "seq": 9}, "seq"),
        ("tool.returned", {"tool": "answer", "status": "perhaps", "ms": 1}, "status"),
        ("call.ended", {"summary": {}}, "end"),
    ],
)
def test_an_event_that_the_schema_does_not_know_is_an_error(
    record: CallRecord, event: str, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(RecordError, match=said):
        record.write(event, **fields)
    assert lines(record) == []


def test_a_lenient_record_leaves_it_out_and_logs_it(new_record: NewRecord) -> None:
    record = new_record(strict=False)
    with capture_logs() as logs:
        record.write("turn.nobody", text="a secret")
        record.write("turn.user", text="hello")
    assert [line["event"] for line in lines(record)] == ["turn.user"]
    assert logs[0]["event"] == "record.event_refused"
    assert "secret" not in json.dumps(logs)


def test_a_lenient_refusal_never_repeats_the_value(new_record: NewRecord) -> None:
    with capture_logs() as logs:
        new_record(strict=False).write("turn.user", text=["a secret"])
    assert [line["event"] for line in logs] == ["record.event_refused"]
    assert "secret" not in json.dumps(logs)


def test_the_end_is_written_once_and_nothing_after_it(new_record: NewRecord) -> None:
    record = new_record(strict=False)
    record.end("completed")
    record.end("failed")
    record.write("turn.user", text="too late")
    (line,) = lines(record)
    assert (line["event"], line["summary"]["end_reason"]) == ("call.ended", "completed")


@pytest.mark.parametrize("call_id", ["", "../up", "a/b", ".hidden", "a b", "x" * 200, "a\n"])
def test_an_id_that_cannot_name_a_file_is_refused(new_record: NewRecord, call_id: str) -> None:
    with pytest.raises(RecordError, match="call id"):
        new_record(call_id)


def test_two_calls_cannot_have_one_id(record: CallRecord, new_record: NewRecord) -> None:
    with pytest.raises(RecordError, match="is there already"):
        new_record(record.call_id)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordError, match="NOVA_RECORD__DIRECTORY") as refused:
        CallRecord.create(tmp_path / "file", "c1", redactor=Redactor())
    assert str(tmp_path / "file") in str(refused.value)


def test_a_full_disk_is_logged_once_and_spoils_only_the_line_it_cut(
    record: CallRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    with capture_logs() as logs, monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:20]))
        record.write("turn.user", text="one")
        patched.setattr(os, "write", _no_space)
        record.write("turn.user", text="two")
    record.write("turn.user", text="three")
    assert [line["event"] for line in logs].count("record.write_failed") == 1
    kept = read_record(record.path)
    assert ([event["text"] for event in kept.events], kept.torn) == (["three"], 1)


def _no_space(_descriptor: int, _line: bytes) -> int:
    raise OSError(28, "No space left on device")


def test_a_subscriber_that_fails_costs_nothing(record: CallRecord) -> None:
    events: list[dict[str, Any]] = []
    record.subscribe(lambda _event: 1 / 0)  # type: ignore[arg-type]  # it fails when called
    record.subscribe(events.append)
    with capture_logs() as logs:
        record.write("turn.user", text="hello")
    assert len(events) == len(lines(record)) == 1
    assert "record.subscriber_failed" in [line["event"] for line in logs]


def test_a_subscription_can_be_ended(record: CallRecord) -> None:
    events: list[dict[str, Any]] = []
    unsubscribe = record.subscribe(events.append)
    record.write("turn.user", text="one")
    unsubscribe()
    unsubscribe()
    record.write("turn.user", text="two")
    assert [event["text"] for event in events] == ["one"]


def test_threads_may_write_at_once(record: CallRecord) -> None:
    def talk() -> None:
        for _ in range(50):
            record.write("turn.user", text="hello")

    threads = [threading.Thread(target=talk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [line["seq"] for line in lines(record)] == list(range(1, 201))
