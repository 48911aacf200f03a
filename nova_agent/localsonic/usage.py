"""Token counts. They are estimates: four characters a text token, 25 speech tokens a second."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tokens:
    """``heard`` and ``read`` go into the model as speech and text, ``spoken`` and ``written`` come out."""

    heard: int = 0
    read: int = 0
    spoken: int = 0
    written: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.heard + other.heard,
            self.read + other.read,
            self.spoken + other.spoken,
            self.written + other.written,
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """``delta`` since the last report, ``total`` since the start of the prompt."""

    delta: Tokens
    total: Tokens


def text_tokens(text: str) -> int:
    return -(-len(text) // 4)


def speech_tokens(duration_ms: float) -> int:
    return round(duration_ms / 40)


@dataclass(slots=True)
class UsageMeter:
    """Adds up what one prompt uses."""

    _total: Tokens = field(default_factory=Tokens)
    _pending: Tokens = field(default_factory=Tokens)

    def count(self, tokens: Tokens) -> None:
        self._pending += tokens

    def report(self) -> Usage | None:
        """Return what was counted since the last report, or ``None`` if nothing was."""
        if self._pending == Tokens():
            return None
        delta, self._pending = self._pending, Tokens()
        self._total += delta
        return Usage(delta, self._total)
