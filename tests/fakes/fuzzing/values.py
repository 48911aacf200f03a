"""Values that nobody expects in an event."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final

DEPTHS: Final = (50, 900, 5_000, 30_000)
"""Levels of JSON on either side of what Python's stack, and C's, have room for (Python 3.12 to 3.14)."""

_ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    -(2**64),
    10**400,
    0.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "0",
    "null",
    "p",
    "a",
    "TEXT",
    "AUDIO",
    "TOOL",
    "USER",
    "SYSTEM",
    "SYSTEM_SPEECH",
    "ASSISTANT",
    "é",
    "ｐ",
    "\x00",
    "\n",
    "\ud800",
    "a\udfffb",
    "\u202e\ufeff\U0001f600",
    '{"a": 1}',
    "[]",
    '"x"',
    "%s%n{}",
    "../../etc/passwd",
    "AAA",
    "AAAA",
    "=",
    "-_-_",
    [],
    {},
    [None],
    {"": ""},
    {"json": {}},
    {"any": {}},
    {"tool": {"name": 5}},
    [[[[]]]],
)


def odd_value(random: Random) -> Any:
    """Return a value of any type; now and then a long or a deep one."""
    lot = random.random()
    if lot < 0.9:
        return random.choice(_ODD)
    if lot < 0.96:
        return random.choice("aé\u4e16 ") * random.choice((255, 1025, 70_000))
    if lot < 0.98:
        return deep_json(random.choice(DEPTHS), random.choice("[{"))
    return [0] * random.choice((100, 3_000))


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places in a JSON value, each as the keys that lead to it; the root is the empty path."""
    yield path
    match value:
        case dict():
            for key, inner in value.items():
                yield from paths(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from paths(inner, (*path, index))
        case _:
            pass


def deep_json(levels: int, opening: str = "[") -> str:
    """Return JSON text of so many arrays, or objects, one in another."""
    return "[" * levels + "]" * levels if opening == "[" else '{"a":' * levels + "1" + "}" * levels
