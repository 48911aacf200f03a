"""The one redaction function: what identifies a caller is masked before anything is written or shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal

from pydantic import JsonValue

from nova_agent.calllog.patterns import MASK, mask_patterns

Level = Literal["none", "default", "strict"]

_PRIVATE: Final = "‹private›"
_SHORTEST_PRIVATE: Final = 2  # characters; a single letter would be masked in every sentence
_NAME_WORDS: Final = 3  # so many words are taken for a name, whose parts are private too
_NAME_PART: Final = 3  # characters
_ECHO: Final = 4  # characters; a "yes" is nobody's secret and would be masked in every sentence

ASK: Final = "ask"
"""The argument that holds the label of the directive that a tool call is about."""


class Redactor:
    """Redacts what is said in one call.

    ``none`` changes nothing. ``default`` masks phone and card numbers, e-mail addresses and id patterns, written
    or spoken, and everything registered with :meth:`add_private`. ``strict`` also masks every word of the caller.

    Attributes:
        private_ask: while true, all words of the caller are private. Set it while the answer to a question marked
            ``pii`` is awaited, because the caller's turn is recorded before a tool has made sense of it.
    """

    def __init__(self, level: Level = "default") -> None:
        self.level: Final = level
        self.private_ask = False
        self._private: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add_private(self, *texts: str) -> None:
        """Mask these texts from now on, in any case and spacing; of a name (up to three words) also its parts."""
        for text in texts:
            words = MASK.sub(" ", text).split()
            if len(" ".join(words)) >= _SHORTEST_PRIVATE:
                self._private.add(" ".join(words))
                self._pattern = None
            if 1 < len(words) <= _NAME_WORDS:
                self._private.update(word for word in words if len(word) >= _NAME_PART and word.isalpha())

    def text(self, text: str) -> str:
        """What may be kept of a text by the agent or by us."""
        if self.level == "none":
            return text
        return mask_patterns(self._mask_private(text))

    def caller_text(self, text: str) -> str:
        """What may be kept of the caller's words."""
        if self.level == "none" or MASK.fullmatch(text):
            return text
        if self.private_ask:
            return _PRIVATE
        if self.level == "strict":
            count = len(text.split())
            return f"‹{count} word{'' if count == 1 else 's'}›"
        return self.text(text)

    def value(self, value: JsonValue) -> JsonValue:
        """The same for data of the agent or of us, at any depth; keys stay."""
        return _mapped(value, self.text)

    def caller_value(self, value: JsonValue) -> JsonValue:
        """The same for data made of the caller's words."""
        return _mapped(value, self.caller_text)

    def arguments(self, arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The same for a tool's arguments. In ``strict`` they are private from now on, so a read-back is masked."""
        if self.level == "strict":
            self.add_private(
                *(
                    text
                    for name, text in arguments.items()
                    if name != ASK and isinstance(text, str) and len(text) >= _ECHO
                )
            )
        return {
            name: self.value(value) if name == ASK else self.caller_value(value) for name, value in arguments.items()
        }

    def _mask_private(self, text: str) -> str:
        if not self._private:
            return text
        if self._pattern is None:
            longest_first = sorted(self._private, key=len, reverse=True)
            texts = "|".join(r"\s+".join(map(re.escape, text.split())) for text in longest_first)
            self._pattern = re.compile(rf"{MASK.pattern}|(?<!\w)(?:{texts})(?!\w)", re.IGNORECASE)
        return self._pattern.sub(lambda found: found[0] if MASK.fullmatch(found[0]) else _PRIVATE, text)


def _mapped(value: JsonValue, redact: Callable[[str], str]) -> JsonValue:
    match value:
        case str():
            return redact(value)
        case list():
            return [_mapped(item, redact) for item in value]
        case dict():
            return {key: _mapped(item, redact) for key, item in value.items()}
        case bool() | None:
            return value
        case _:
            return value if redact(str(value)) == str(value) else redact(str(value))
