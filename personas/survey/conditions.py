"""Skip logic: the ``when`` expression of a question, checked once and evaluated over the answers given so far.

The language is small on purpose: question ids, text, numbers, ``True``/``False``, lists, ``and``/``or``/``not``,
comparisons, ``in``, and ``answered(id)``. Whatever was not answered is unknown, and a comparison with something
unknown is false rather than an error, so a survey cannot break in the middle of a call.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import JsonValue
from simpleeval import EvalWithCompoundTypes

from nova_agent.errors import ContentInvalid

LONGEST_EXPRESSION: Final = 500
ANSWERED: Final = "answered"

_LANGUAGE: Final = "question ids, text, numbers, True, False, lists, and/or/not, comparisons, in, answered(id)"
_COMPARISONS: Final = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)
_LOGIC: Final = (ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Call)
_VALUES: Final = (ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple)
_ALLOWED_NODES: Final = (ast.Expression, *_COMPARISONS, *_LOGIC, *_VALUES)

type Literal = str | int | float | bool
type _Comparison = Callable[[Any, Any], bool]


def _known(compare: _Comparison) -> _Comparison:
    """Make ``compare`` false for an unknown side or for values that cannot be compared."""

    def compare_known(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        try:
            return bool(compare(left, right))
        except TypeError:
            return False

    return compare_known


_OPERATORS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    ast.Eq: _known(operator.eq),
    ast.NotEq: _known(operator.ne),
    ast.Lt: _known(operator.lt),
    ast.LtE: _known(operator.le),
    ast.Gt: _known(operator.gt),
    ast.GtE: _known(operator.ge),
    ast.In: _known(lambda item, container: item in container),
    ast.NotIn: _known(lambda item, container: item not in container),
    ast.Not: operator.not_,
    ast.USub: operator.neg,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked expression: ``names`` are its question ids, ``compared`` pairs an id with each literal beside it."""

    expression: str
    names: frozenset[str]
    compared: tuple[tuple[str, Literal], ...]
    tree: ast.expr

    def holds(self, answers: Mapping[str, JsonValue]) -> bool:
        """Whether the question is to be asked; ``answers`` maps question ids to values, skipped ones left out."""
        known = {name: answers.get(name) for name in self.names}
        evaluator = EvalWithCompoundTypes(operators=_OPERATORS, functions={}, names=known)
        evaluator.functions = {ANSWERED: lambda name: answers.get(name) is not None}
        return bool(evaluator.eval(self.expression, previously_parsed=self.tree))


@lru_cache(maxsize=1024)
def compile_condition(expression: str) -> Condition:
    """Check an expression and prepare it.

    Raises:
        ContentInvalid: the expression is no valid one; the message says why and what the language has.
    """
    if len(expression) > LONGEST_EXPRESSION:
        raise ContentInvalid(f"is {len(expression)} characters long; allowed: {LONGEST_EXPRESSION}")
    try:
        parsed = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ContentInvalid(f"{expression!r} is not an expression ({reason}); allowed: {_LANGUAGE}") from error
    for node in ast.walk(parsed):
        _check_node(node, expression)
    tree = _QuoteAnswered().visit(parsed.body)
    names = frozenset(_names(tree))
    return Condition(expression, names, tuple(_compared(tree)), tree)


def _check_node(node: ast.AST, expression: str) -> None:
    if not isinstance(node, _ALLOWED_NODES):
        raise ContentInvalid(f"{expression!r} uses {type(node).__name__}; allowed: {_LANGUAGE}")
    if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float):
        raise ContentInvalid(f"{expression!r} uses the value {node.value!r}; ask answered(id) for a missing answer")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not _is_number(node.operand):
        raise ContentInvalid(f"{expression!r} uses a minus sign before something that is no number")
    if isinstance(node, ast.Call):
        _check_call(node, expression)


def _check_call(call: ast.Call, expression: str) -> None:
    named = isinstance(call.func, ast.Name) and call.func.id == ANSWERED
    one_id = len(call.args) == 1 and not call.keywords and _referenced(call.args[0]) is not None
    if not (named and one_id):
        raise ContentInvalid(f"{expression!r} calls {ast.unparse(call)}; the only function is answered(id)")


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _referenced(node: ast.expr) -> str | None:
    """The question id that an argument of ``answered`` names, written with or without quotes."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=str(name)):
            return name
    return None


class _QuoteAnswered(ast.NodeTransformer):
    """Turn ``answered(nps)`` into ``answered('nps')``: the function needs the id, not the answer."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        quoted = ast.Constant(value=_referenced(node.args[0]))
        return ast.Call(func=node.func, args=[ast.copy_location(quoted, node)], keywords=[])


def _names(tree: ast.expr) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(args=[ast.Constant(value=str(name))]):
                yield name
            case ast.Name(id=name) if name != ANSWERED:
                yield name


def _compared(tree: ast.expr) -> Iterator[tuple[str, Literal]]:
    """Every (question id, literal) that the expression compares, in either order and inside lists."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        names = [side.id for side in sides if isinstance(side, ast.Name)]
        literals = [literal for side in sides for literal in _literals(side)]
        yield from ((name, literal) for name in names for literal in literals)


def _literals(node: ast.expr) -> Iterator[Literal]:
    match node:
        case ast.Constant(value=str() | int() | float() as value):
            yield value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                yield from _literals(item)
