"""What a tool returned, as the service can take it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nova_agent.sonic.session import as_object


def strict(text: str) -> Any:
    """Read JSON as others do: without NaN and Infinity, and from UTF-8."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(text.encode("utf-8"), parse_constant=refuse)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ('{"slot": "10:00"}', {"slot": "10:00"}),
        ({"slot": "à 10 h"}, {"slot": "à 10 h"}),
        ("[1, 2]", {"result": [1, 2]}),
        ("Booked.", {"result": "Booked."}),
        ("", {"result": ""}),
        (None, {"result": None}),
    ],
)
def test_whatever_a_tool_returns_is_an_object(result: Any, expected: dict[str, Any]) -> None:
    assert strict(as_object(result)) == expected


@pytest.mark.parametrize("result", ["NaN", "Infinity", '{"a": -Infinity}', float("nan"), {"a": {"b": float("inf")}}])
def test_numbers_that_json_does_not_know_go_as_text(result: Any) -> None:
    assert strict(as_object(result)) == {"result": str(result)}


def test_an_object_that_holds_itself_goes_as_text() -> None:
    cycle: dict[str, Any] = {}
    cycle["itself"] = cycle
    assert strict(as_object(cycle)) == {"result": str(cycle)}


@pytest.mark.parametrize("result", ['{"name": "A\\ud800"}', {"name": "A\ud800"}])
def test_half_of_a_surrogate_pair_is_replaced(result: Any) -> None:
    assert strict(as_object(result)) == {"name": "A?"}


def test_keys_that_json_does_not_know_go_as_text() -> None:
    assert strict(as_object({(1, 2): "a pair"})) == {"result": "{(1, 2): 'a pair'}"}
