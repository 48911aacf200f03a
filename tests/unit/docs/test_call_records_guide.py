"""The guide to call records lists every event with all of its fields, and what masking really does."""

from __future__ import annotations

from typing import cast, get_args

import pytest

from nova_agent.calllog import CallSummary, Redactor
from nova_agent.calllog.events import MODELS, Line
from nova_agent.calllog.redaction import Level
from tests.unit.docs.pages import code_in, guide, rows, table

PAGE = guide("call-records")
EXAMPLES = rows(PAGE, "level")


def test_every_event_is_listed_in_order_with_its_own_fields() -> None:
    described = table(PAGE, "event")
    assert list(described) == list(MODELS)
    for event, (_when, fields) in described.items():
        own = [name for name in MODELS[event].model_fields if name not in Line.model_fields and name != "event"]
        assert sorted(code_in(fields)) == sorted(own), event


def test_every_field_of_a_line_and_of_the_summary_is_described() -> None:
    assert list(table(PAGE, "field")) == [*Line.model_fields, "event"]
    assert list(table(PAGE, "summary field")) == list(CallSummary.model_fields)


@pytest.mark.parametrize(("level", "said", "kept"), EXAMPLES)
def test_what_a_caller_says_is_kept_as_the_page_shows(level: str, said: str, kept: str) -> None:
    assert Redactor(cast("Level", level.strip("`"))).caller_text(said) == kept


def test_every_level_has_an_example() -> None:
    assert {level.strip("`") for level, *_ in EXAMPLES} == set(get_args(Level))


def test_a_private_answer_is_masked_with_its_parts() -> None:
    redactor = Redactor("default")
    redactor.private_ask = True
    assert redactor.caller_text("I am Ada Lovelace") == "‹private›"
    redactor.private_ask = False
    redactor.add_private("Ada Lovelace")
    assert redactor.text("Thank you, Ada.") == "Thank you, ‹private›."
