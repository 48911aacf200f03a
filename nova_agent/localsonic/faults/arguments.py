"""What may stand behind a fault's name, as values. A ``ValueError`` says what is wrong with a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from h2.errors import ErrorCodes

Value = str | int | float | None

_LONGEST_S: Final = 24 * 3600.0


def seconds(text: str) -> float:
    """Simulated seconds, up to a day."""
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError("it takes a number of seconds") from error
    if not 0 <= value <= _LONGEST_S:
        raise ValueError(f"seconds go from 0 to {_LONGEST_S:.0f}")
    return value


def whole_number(text: str) -> int:
    """A number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("it takes a whole number from 1 on")
    return int(text)


def chance(text: str) -> float:
    """A probability above 0, up to 1."""
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError("it takes a number such as 0.05") from error
    if not 0 < value <= 1:
        raise ValueError("a chance is above 0 and at most 1")
    return value


def error_code(text: str) -> int:
    """An HTTP/2 error code, by its number or its name (RFC 9113, 7)."""
    if text.isdecimal() and int(text) < 2**32:
        return int(text)
    try:
        return int(ErrorCodes[text.upper().replace("-", "_")])
    except KeyError as error:
        raise ValueError(f"it takes a number or one of: {', '.join(code.name for code in ErrorCodes)}") from error


def one_of(names: Sequence[str]) -> Callable[[str], str]:
    """Take one of these names and nothing else."""

    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"it takes one of: {', '.join(names)}")
        return text

    return parse
