"""An answer in the caller's own words."""

from __future__ import annotations

from typing import Final

from nova_agent.capture.phrases import FILLERS
from nova_agent.capture.result import Captured, NotCaptured, Result
from nova_agent.capture.speech import tokenise

_READ_BACK_WORDS: Final = 12


def capture_text(words: str, maximum: int) -> Result[str]:
    """Keep the caller's wording, without fillers at the ends. More than ``maximum`` characters is too long."""
    if not tokenise(words):
        return NotCaptured("empty", "Please tell me in your own words.")
    text = _without_fillers(" ".join(words.split()))
    if not text:
        return NotCaptured("not-understood", "Please tell me in your own words.")
    if len(text) > maximum:
        return NotCaptured("too-long", "That is longer than I can take down. Please say it in fewer words.")
    return Captured(text, shortened(text))


def _without_fillers(text: str) -> str:
    tokens = tokenise(text)
    start, end = 0, len(tokens)
    while start < end and tokens[start].word in FILLERS:
        start += 1
    while end > start and tokens[end - 1].word in FILLERS:
        end -= 1
    if start == end:
        return ""
    opening = text.rfind(" ", 0, tokens[start].start) + 1 if start else 0
    closing = len(text) if end == len(tokens) else tokens[end - 1].end
    return text[opening:closing].strip()


def shortened(text: str, words: int = _READ_BACK_WORDS) -> str:
    """The first ``words`` words of a text, with an ellipsis if there are more."""
    parts = text.split()
    return text if len(parts) <= words else " ".join(parts[:words]).rstrip(",;:") + "…"
