"""The expression language of ``when``."""

from __future__ import annotations

import pytest

from nova_agent.errors import ContentInvalid
from personas.survey.conditions import LONGEST_EXPRESSION, compile_condition


@pytest.mark.parametrize(
    ("expression", "answers", "expected"),
    [
        ("nps <= 6", {"nps": 6}, True),
        ("nps <= 6", {"nps": 7}, False),
        ("0 <= nps <= 6", {"nps": 3}, True),
        ("callback", {"callback": True}, True),
        ("not callback", {"callback": False}, True),
        ("solved == False", {"solved": False}, True),
        ("channel == 'phone' or nps > 8", {"channel": "mail", "nps": 9}, True),
        ("channel in ['phone', 'mail']", {"channel": "mail"}, True),
        ("'fever' in symptoms", {"symptoms": ["fever", "cough"]}, True),
        ("'fever' not in symptoms", {"symptoms": ["cough"]}, True),
        ("answered(nps)", {"nps": 0}, True),
        ("answered('nps')", {"nps": 0}, True),
        ("answered(nps)", {}, False),
        ("temperature < -5", {"temperature": -6}, True),
        ("born >= '2000-01-01'", {"born": "2001-05-05"}, True),
    ],
)
def test_an_expression_holds_as_it_reads(expression: str, answers: dict[str, object], expected: bool) -> None:
    assert compile_condition(expression).holds(answers) is expected


@pytest.mark.parametrize(
    "expression",
    ["nps < 3", "nps > 3", "nps == 3", "nps != 3", "nps in [1, 2]", "nps not in [1, 2]", "3 in nps", "nps"],
)
def test_whatever_was_not_answered_makes_a_comparison_false(expression: str) -> None:
    assert compile_condition(expression).holds({}) is False


@pytest.mark.parametrize(("expression", "value"), [("nps < 3", "text"), ("3 in nps", 7), ("nps >= 'a'", 1)])
def test_values_that_cannot_be_compared_make_it_false(expression: str, value: object) -> None:
    assert compile_condition(expression).holds({"nps": value}) is False


@pytest.mark.parametrize(
    "expression",
    [
        "nps.real",
        "nps[0]",
        "nps ** 9 ** 9",
        "nps + 1",
        "__import__('os')",
        "open('x')",
        "answered(nps, other)",
        "answered()",
        "[x for x in nps]",
        "lambda: 1",
        "nps if nps else 1",
        "f'{nps}'",
        "nps == None",
        "-nps > 3",
        "nps <",
        "nps = 3",
        "a; b",
        "",
        "nps == 1 or " * (LONGEST_EXPRESSION // 10) + "nps == 2",
    ],
)
def test_anything_beyond_the_small_language_is_refused(expression: str) -> None:
    with pytest.raises(ContentInvalid):
        compile_condition(expression)


def test_the_message_names_the_expression_and_what_is_allowed() -> None:
    with pytest.raises(ContentInvalid, match=r"'nps \+ 1' uses BinOp; allowed: question ids"):
        compile_condition("nps + 1")


def test_names_and_compared_literals_are_known() -> None:
    condition = compile_condition("channel in ['phone', 'mail'] and answered(nps)")
    assert condition.names == {"channel", "nps"}
    assert set(condition.compared) == {("channel", "phone"), ("channel", "mail")}
