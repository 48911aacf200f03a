"""Reading directives from what a client sends, whatever it sends."""

from __future__ import annotations

import json

import pytest

from nova_agent.localsonic.brain.directive import Expect, latest, opening_directive, parse_directive


def test_a_full_directive_is_read(directive):
    found = parse_directive(directive("How likely?"))
    assert (found.status, found.say, found.expect.tool, len(found.expect.also)) == (
        "ok",
        "How likely?",
        "record_answer",
        8,
    )


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "12", '"ok"', "{}", '{"status": "ok"}', '{"say": "hi"}', '{"status": "up", "say": "hi"}', "{"],
)
def test_other_texts_are_no_directives(text):
    assert parse_directive(text) is None


def test_a_directive_wrapped_by_a_framework_is_read(directive):
    assert parse_directive(json.dumps({"result": directive("How likely?")})).say == "How likely?"


def test_broken_parts_are_left_out():
    broken = {"tool": "t", "argument": "a", "arguments": {"n": 3}, "schema": 7, "also": [1, {"intent": "skip"}, None]}
    found = parse_directive(json.dumps({"status": "ok", "say": "Hi.", "expect": broken}))
    assert found.expect == Expect(tool="t", argument="a", arguments={"n": "3"})


def test_prose_about_the_tag_is_passed_over(directive):
    system = f"Between <directive> and </directive> stands what to do. <directive>{directive('Hi.')}</directive> Obey."
    assert opening_directive(system).say == "Hi."


def test_a_closing_tag_inside_the_words_does_no_harm(directive):
    assert (
        opening_directive(f"<directive>{directive('Say </directive> now.')}</directive>").say == "Say </directive> now."
    )


def test_an_error_without_an_ask_leaves_the_earlier_one_open(directive):
    first = parse_directive(directive("How likely?"))
    assert latest(first, ['{"status": "error", "say": "Oh no."}', "{}"]) == first


def test_an_invalid_of_the_same_kind_leaves_the_ask_open_under_a_new_number(directive):
    first, again = parse_directive(directive("How likely?")), directive("A number?", ask="q1:2", status="invalid")
    other = directive("And the staff?", ask="q2:2")
    assert parse_directive(again).leaves_open(first)
    assert not parse_directive(other).leaves_open(first)
