"""The guide to the ledger and the control port names every route and field, and nothing else."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any, get_args

import pytest

from nova_agent.localsonic.control import BODY_BYTES
from nova_agent.localsonic.control_views import ROUTES
from nova_agent.localsonic.ledger import Ledger, NumberedAudio, StreamLedger
from nova_agent.localsonic.ledger.numbered import StreamNumbers, numbered_audio
from nova_agent.localsonic.ledger.numbering import NUMBERS
from nova_agent.localsonic.ledger.recorder import EVENTS_KEPT
from nova_agent.localsonic.ledger.values import Answer, AudioContent, AudioRun, Ending, EventEntry, HowEnded
from nova_agent.localsonic.server import LocalSonic
from tests.unit.docs.pages import code_in, files, guide, rows, table

PAGE = guide("local-sonic-control")


def documented(first_heading: str) -> set[str]:
    """The names in backticks in the first column of a table."""
    return {code.partition("(")[0] for first, *_ in rows(PAGE, first_heading) for code in code_in(first)}


def names(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}


def test_every_route_is_described() -> None:
    assert list(table(PAGE, "route")) == [f"{route.method} {route.path}" for route in ROUTES]


@pytest.mark.parametrize(
    ("first_heading", "kind"),
    [
        ("of an event", EventEntry),
        ("of a run of audio events", AudioRun),
        ("of an audio content", AudioContent),
        ("of an answer", Answer),
        ("of an end", Ending),
        ("of a stream's share", StreamNumbers),
    ],
)
def test_every_field_is_described(first_heading: str, kind: Any) -> None:
    assert documented(first_heading) == names(kind)


def test_every_field_of_a_stream_is_described() -> None:
    ledger = Ledger()
    ledger.open("a", "m", {})
    assert documented("of a stream") == set(ledger.streams[0].as_json())
    assert names(StreamLedger) - documented("of a stream") == {"longest_gaps"}


def test_every_field_of_a_report_is_described() -> None:
    assert documented("of a report") == set(numbered_audio([]).as_json()) >= names(NumberedAudio)


def test_every_way_to_end_is_described() -> None:
    assert set(table(PAGE, "way to end")) == set(get_args(HowEnded))


def test_every_part_of_the_ledger_is_described() -> None:
    public = {name for name in dir(Ledger()) if not name.startswith("_")}
    assert documented("of the ledger") == public - {"open"}  # streams alone call it


def test_every_name_of_the_nested_fields_is_in_the_code() -> None:
    described = {name for cells in rows(PAGE, "of a stream") for cell in cells for name in code_in(cell)}
    assert {"user_agent", "region", "role", "tool_use_id", "counts", "answers", "from_at_s"} <= described


def test_limits_are_the_ones_in_force() -> None:
    assert f"{NUMBERS:,} numbers" in PAGE
    assert f"up to {EVENTS_KEPT:,} entries" in PAGE
    assert f"{BODY_BYTES // 1024} KiB" in PAGE


@pytest.mark.parametrize("name", ["test_history.py", "numbered.py"])
def test_what_the_examples_use_exists(name: str) -> None:
    used = set(re.findall(r"\.ledger\.(\w+)", files(PAGE)[name]))
    assert used
    assert all(hasattr(LocalSonic().ledger, attribute) for attribute in used)
