"""Reads the JSON texts of clients: what Python takes and nothing else could handle is refused here, once for all."""

from __future__ import annotations

import json
from typing import Any, Final

MAX_LEVELS: Final = 200
"""How deep a value may be nested. Deeper ones would exhaust the stack of whoever walks through them later."""


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text; bytes are UTF-8.

    Raises:
        ValueError: it is no JSON, is nested too deeply, or holds half of a surrogate pair, which no UTF-8 can express.
    """
    text = text.decode() if isinstance(text, bytes) else text
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("the value is nested too deeply") from error
    # Brackets are counted first, because almost no text has that many of them.
    if text.count("[") + text.count("{") > MAX_LEVELS and _levels(value) > MAX_LEVELS:
        raise ValueError("the value is nested too deeply")
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _levels(value: Any) -> int:
    """How deep a value is nested, without recursion; counting stops one above the limit."""
    levels, inner = 0, [value]
    while inner and levels <= MAX_LEVELS:
        inner = [one for outer in inner for one in _children(outer) if isinstance(one, dict | list)]
        levels += 1
    return levels


def _children(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
