"""How much text a ledger keeps."""

from __future__ import annotations

import json
from typing import Any, Final

TEXT_CHARS: Final = 64 * 1024
_STREAM_CHARS: Final = 4 * 1024 * 1024


def cut_text(text: str, limit_chars: int = TEXT_CHARS) -> str:
    """Return the text, or its beginning and a note of what is missing."""
    if len(text) <= limit_chars:
        return text
    return f"{text[:limit_chars]}… [cut: {len(text) - limit_chars} of {len(text)} characters]"


class BodyBudget:
    """Shortens long texts of one stream's event bodies, and leaves bodies out when the stream has had its share."""

    def __init__(self, text_chars: int = TEXT_CHARS, stream_chars: int = _STREAM_CHARS) -> None:
        self._text_chars = text_chars
        self._left_chars = stream_chars

    def keep(self, raw: bytes, body: dict[str, Any]) -> tuple[dict[str, Any] | None, bool]:
        """Return the body to keep, and whether anything of it is missing. ``raw`` is the event's own JSON."""
        kept, size = body, len(raw)
        if size > self._text_chars:
            try:
                kept = _shortened(body, self._text_chars)
                size = len(json.dumps(kept))
            except RecursionError:
                return None, True
        if size > self._left_chars:
            return None, True
        self._left_chars -= size
        return kept, kept != body


def _shortened(value: Any, limit_chars: int) -> Any:
    match value:
        case str():
            return cut_text(value, limit_chars)
        case dict():
            return {key: _shortened(one, limit_chars) for key, one in value.items()}
        case list():
            return [_shortened(one, limit_chars) for one in value]
        case _:
            return value
