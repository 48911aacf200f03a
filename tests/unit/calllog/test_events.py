"""The events as they are published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import nova_agent
from nova_agent.calllog import CallRecord, call_record_schema, read_record
from nova_agent.calllog.events import MODELS, Line, worded_fields
from nova_agent.log import EVENTS, SAFE_KEYS

PUBLISHED = Path(nova_agent.__file__).parent / "schemas" / "call_record.schema.json"

REQUIRED: dict[str, dict[str, Any]] = {
    "call.resumed": {"resumed_call_id": "c0"},
    "call.message_played": {"message": "busy", "cause": "quota", "ms": 3000},
    "call.transferred": {"to": "tel:+14155550100", "ok": True, "cause": "quota"},
    "turn.user": {"text": "a"},
    "turn.agent": {"text": "a"},
    "tool.called": {"tool": "t"},
    "tool.returned": {"tool": "t", "status": "ok", "ms": 1, "reply": {"status": "ok", "say": "a"}},
    "persona.entered": {"name": "survey"},
    "persona.left": {"name": "survey"},
    "survey.started": {"survey_id": "s", "run_id": "r"},
    "survey.finished": {"survey_id": "s", "run_id": "r", "status": "paused"},
    "answer.recorded": {"question_id": "q", "value": {"a": [1, None]}},
    "answer.changed": {"question_id": "q"},
    "answer.skipped": {"question_id": "q"},
    "answer.withdrawn": {"question_id": "q"},
    "userdata.fallback_used": {"path": "job"},
    "state.changed": {"before": "initial", "after": "talking"},
    "silence.noticed": {"silence_ms": 1},
    "sonic.stream_replayed": {"audio_ms": 1200},
    "metric.first_audio": {"ms": 1},
}


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads(PUBLISHED.read_text()) == call_record_schema(), (
        f"write json.dumps(call_record_schema(), indent=2, ensure_ascii=False) to {PUBLISHED}"
    )


def test_the_schema_is_a_valid_one_and_says_its_version() -> None:
    schema = call_record_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/{Line.model_fields['v'].default}")


def test_every_event_that_is_written_validates(record: CallRecord) -> None:
    names = [name for name in MODELS if name != "call.ended"]
    for name in names:
        record.write(name, **REQUIRED.get(name, {}))
    record.end("completed")
    validator = jsonschema.Draft202012Validator(
        call_record_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    events = read_record(record.path).events
    assert [event["event"] for event in events[:-1]] == names
    for event in events:
        validator.validate(event)


@pytest.mark.parametrize("change", [{"v": 2}, {"event": "turn.nobody"}, {"colour": "red"}, {"seq": 0}, {"text": None}])
def test_the_schema_refuses_what_is_no_event(record: CallRecord, change: dict[str, Any]) -> None:
    record.write("turn.user", text="hello")
    (event,) = read_record(record.path).events
    jsonschema.validate(event, call_record_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**event, **change}, call_record_schema())


def test_every_event_of_a_record_is_a_listed_one() -> None:
    assert MODELS.keys() <= EVENTS


def test_every_field_is_either_marked_as_words_or_safe_to_log() -> None:
    for model in MODELS.values():
        unmarked = model.model_fields.keys() - worded_fields(model).keys() - {"v", "at", "summary"}
        assert unmarked <= SAFE_KEYS, model


def test_the_fields_that_hold_words_are_these() -> None:
    worded = {event: set(worded_fields(model)) for event, model in MODELS.items() if worded_fields(model)}
    assert worded == {
        "call.started": {"caller_identity", "options"},
        "call.transferred": {"to"},
        "turn.user": {"text"},
        "turn.agent": {"text"},
        "tool.called": {"arguments"},
        "tool.returned": {"reply"},
        "answer.recorded": {"value"},
        "answer.changed": {"value"},
    }
