"""The guide to faults names every fault, point and text there is, and every fault that it plans can be planned."""

from __future__ import annotations

import re

import pytest
from h2.errors import ErrorCodes

from nova_agent.localsonic.faults.catalogue import CATALOGUE, STREAM, Fault, Kind
from nova_agent.localsonic.faults.grammar import GRAMMAR, parse_order
from nova_agent.localsonic.faults.points import POINTS
from tests.unit.docs.pages import blocks, code_in, guide, rows, table

PAGE = guide("local-sonic-faults")
FAULTS = table(PAGE, "fault")
EXCEPTIONS = [fault for fault in CATALOGUE.values() if fault.kind is Kind.EXCEPTION]


def test_the_grammar_is_the_one_that_errors_tell() -> None:
    assert GRAMMAR in PAGE


def test_every_point_is_described_as_in_the_code() -> None:
    assert {point: cells[0] for point, cells in table(PAGE, "point").items()} == POINTS


def test_every_fault_is_described_in_the_order_of_the_code() -> None:
    assert [(name, cells[2]) for name, cells in FAULTS.items()] == [
        (fault.name, fault.sentence) for fault in CATALOGUE.values()
    ]


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=lambda fault: fault.name)
def test_a_faults_argument_default_and_places_are_the_ones_in_force(fault: Fault) -> None:
    argument, places, _ = FAULTS[fault.name]
    assert (code_in(argument) or [""])[0] == fault.argument
    assert code_in(argument)[1:] == ([_shown(fault)] if fault.argument and fault.default is not None else [])
    assert places == "any but `connect`" if fault.strikes == STREAM else set(code_in(places)) == fault.strikes


def _shown(fault: Fault) -> str:
    if fault.name in ("rst", "goaway"):
        return ErrorCodes(int(fault.default or 0)).name
    return f"{fault.default:g}" if isinstance(fault.default, int | float) else str(fault.default)


def test_every_text_is_quoted_with_what_is_known_about_it() -> None:
    assert table(PAGE, "text of") == {
        fault.name: [f"`{fault.exception}`", fault.text, "yes" if fault.is_confirmed else "unconfirmed"]
        for fault in EXCEPTIONS
    }


def test_every_fault_has_been_measured() -> None:
    measured = [code_in(row[0])[0] for row in rows(PAGE, "fault | shown by")]
    assert {parse_order(text).faults[0].name for text in measured} == set(CATALOGUE)


def test_every_fault_that_the_page_plans_can_be_planned() -> None:
    terminal = "\n".join((*blocks(PAGE, ""), *blocks(PAGE, "python")))
    named = [text for text in (*code_in(PAGE), *re.findall(r'"([^"\n]+@[^"\n]+)"', terminal)) if "@" in text]
    planned = [text.split("'")[1] if "'" in text else text for text in named if not text.startswith("@")]
    assert len(planned) > 50
    assert [str(parse_order(text).point.kind) for text in planned]
