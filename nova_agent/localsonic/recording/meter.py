"""How far a client has come: the kinds of its events, and how much audio it has sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_DEFAULT_RATE_HZ: Final = 16_000


class InputMeter:
    """Counts one stream's input events. Takes what is malformed for what it seems to be: it judges nothing."""

    def __init__(self) -> None:
        self._contents: dict[str, str] = {}
        self._rates_hz: dict[str, int] = {}
        self._audio_ms = 0.0

    @property
    def audio_ms(self) -> float:
        """How much the caller's audio lasts so far."""
        return self._audio_ms

    def take(self, name: str, body: Mapping[str, Any]) -> str | None:
        """Return the event's kind, such as "contentStart TEXT SYSTEM"; ``None`` for audio, which is only measured."""
        content = str(body.get("contentName"))
        if name == "audioInput":
            self._audio_ms += sample_count(body) * 1000 / self._rates_hz.get(content, _DEFAULT_RATE_HZ)
            return None
        if name == "contentStart":
            self._contents[content] = _describe(body)
            self._rates_hz[content] = _rate_hz(body)
        return f"{name} {self._contents.get(content, '')}".rstrip()

    def level_up(self, audio_ms: float) -> None:
        """Take at least so much audio for sent."""
        self._audio_ms = max(self._audio_ms, audio_ms)


def sample_count(audio_input: Mapping[str, Any]) -> int:
    """The 16-bit samples of an ``audioInput``: of its base64, or the count that stands in its place in a recording."""
    samples = audio_input.get("samples")
    if isinstance(samples, int):
        return samples
    text = str(audio_input.get("content", ""))
    return (len(text) * 3 // 4 - text[-2:].count("=")) // 2


def _describe(content_start: Mapping[str, Any]) -> str:
    kind, role = str(content_start.get("type", "")), str(content_start.get("role", ""))
    # Clients set the flag as they like on other blocks, where it means nothing.
    typed = "interactive" if (kind, role) == ("TEXT", "USER") and content_start.get("interactive") is True else ""
    return " ".join(part for part in (kind, role, typed) if part)


def _rate_hz(content_start: Mapping[str, Any]) -> int:
    form = content_start.get("audioInputConfiguration")
    rate_hz = form.get("sampleRateHertz") if isinstance(form, Mapping) else None
    return rate_hz if isinstance(rate_hz, int) and rate_hz > 0 else _DEFAULT_RATE_HZ
