"""The manifest is true: every behaviour has tests that exist, every switch is a row, and the page says the same."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from nova_agent.localsonic.behaviours import Behaviour, load_manifest
from nova_agent.localsonic.behaviours.page import page
from nova_agent.localsonic.switches import SWITCH_NAMES, Switches, allowed_values

TESTS = Path(__file__).parents[2]
MANIFEST = load_manifest()
BEHAVIOURS = MANIFEST.behaviours


@cache
def functions_in(path: str) -> dict[str, bool]:
    """The test functions of a file, and whether each makes a statement that can fail."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {function.name: _can_fail(function) for function in functions if function.name.startswith("test_")}


def _can_fail(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    text = ast.dump(function)
    marks = " ".join(ast.unparse(decorator) for decorator in function.decorator_list)
    if re.search(r"\b(skip|skipif|xfail)\b", marks) or re.search(r"attr='(skip|xfail)'", text):
        return False
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or "'raises'" in text


@pytest.mark.parametrize(
    ("source", "can_fail"),
    [
        ("def test_it(): assert f()", True),
        ("def test_it(): f()", False),
        ("@pytest.mark.skip\ndef test_it(): assert f()", False),
        ("@pytest.mark.xfail(reason='later')\ndef test_it(): assert f()", False),
        ("@pytest.mark.parametrize('a', [pytest.param(1, marks=pytest.mark.skip)])\ndef test_it(a): assert a", False),
        ("def test_it():\n    pytest.skip('later')\n    assert f()", False),
    ],
)
def test_what_is_skipped_or_asserts_nothing_cannot_fail(source: str, can_fail: bool) -> None:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert _can_fail(function) is can_fail


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.id)
def test_a_behaviour_has_tests_that_exist_and_can_fail(behaviour: Behaviour) -> None:
    assert behaviour.tests, "a behaviour without a test"
    for test in behaviour.tests:
        path, _, name = test.partition("::")
        assert functions_in(path).get(name), f"{test} is missing or asserts nothing"


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.id)
def test_a_behaviour_names_sources_that_are_listed(behaviour: Behaviour) -> None:
    assert set(behaviour.source) <= set(MANIFEST.sources)


def test_ids_are_unique_and_every_source_is_used() -> None:
    ids = [behaviour.id for behaviour in BEHAVIOURS]
    assert len(ids) == len(set(ids))
    assert {source for behaviour in BEHAVIOURS for source in behaviour.source} == set(MANIFEST.sources)


def test_every_switch_is_one_unconfirmed_behaviour() -> None:
    switched = [behaviour for behaviour in BEHAVIOURS if behaviour.switch]
    assert sorted(behaviour.switch or "" for behaviour in switched) == sorted(SWITCH_NAMES)
    assert {behaviour.certainty for behaviour in switched} == {"unconfirmed"}


@pytest.mark.parametrize("name", SWITCH_NAMES)
def test_every_other_value_of_a_switch_is_explained(name: str) -> None:
    (behaviour,) = (behaviour for behaviour in BEHAVIOURS if behaviour.switch == name)
    default = str(getattr(Switches(), name)).lower()
    others = [value for value in allowed_values(name) if value.lower() != default]
    assert [value for value in others if f"`{value}`" not in (behaviour.values or "")] == []


def test_the_page_is_made_of_the_manifest() -> None:
    written = (TESTS.parent / "docs" / "local-sonic-behaviours.md").read_text(encoding="utf-8")
    assert written == page(MANIFEST), (
        "run: python -m nova_agent.localsonic.behaviours.page > docs/local-sonic-behaviours.md"
    )
