"""ToolReply: what goes on the wire, and its published schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

import nova_agent
from nova_agent.reply import Also, Expect, ToolReply, tool_reply_schema

PUBLISHED = Path(nova_agent.__file__).parent / "schemas" / "tool_reply.schema.json"


def full_reply() -> ToolReply:
    return ToolReply(
        status="ok",
        say="How likely are you to recommend us?",
        expect=Expect(
            tool="record_answer",
            arguments={"ask": "nps:1"},
            argument="answer",
            schema={"type": "integer", "minimum": 0, "maximum": 10},
            also=(Also(intent="skip", tool="skip_question", arguments={"ask": "nps:1"}),),
        ),
        data={"question": "nps"},
    )


def test_the_wire_form_is_a_json_object_in_the_published_words() -> None:
    wire = json.loads(full_reply().to_wire())
    assert wire["expect"]["schema"] == {"type": "integer", "minimum": 0, "maximum": 10}
    assert "json_schema" not in wire["expect"]
    assert "argument" not in wire["expect"]["also"][0]


def test_a_reply_comes_back_from_the_wire_unchanged() -> None:
    assert ToolReply.from_wire(full_reply().to_wire()) == full_reply()


@pytest.mark.parametrize("reply", [full_reply(), ToolReply(status="done", say="Goodbye.")])
def test_the_published_schema_accepts_what_goes_out(reply: ToolReply) -> None:
    jsonschema.validate(json.loads(reply.to_wire()), json.loads(PUBLISHED.read_text()))


def test_the_published_schema_refuses_what_is_no_reply() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"status": "fine", "say": "x"}, json.loads(PUBLISHED.read_text()))


def test_the_published_schema_is_the_one_the_code_has() -> None:
    assert json.loads(PUBLISHED.read_text()) == tool_reply_schema()


def test_an_intent_outside_the_list_is_refused() -> None:
    with pytest.raises(ValidationError):
        Also(intent="dance", tool="t")  # type: ignore[arg-type]  # that it is wrong is the point


def test_the_tagged_form_holds_exactly_one_directive() -> None:
    tagged = full_reply().tagged()
    assert tagged.startswith("<directive>{")
    assert tagged.endswith("}</directive>")
