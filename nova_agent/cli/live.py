"""Showing a call in the terminal while it goes on, from the events of its record."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

_WHO = {"turn.user": ("caller", "bold cyan"), "turn.agent": ("agent", "bold green")}


class LiveTranscript:
    """Prints each turn and each tool call as it is recorded (redacted, as the record is)."""

    def __init__(self, console: Console, *, tools: bool = True, speed: float = 1.0) -> None:
        self._console = console
        self._tools = tools
        self._speed = speed

    def __call__(self, event: dict[str, Any]) -> None:
        """Print one event of the record, or nothing."""
        kind = event["event"]
        if kind in _WHO:
            who, style = _WHO[kind]
            self._line(event, who, style, event["text"] + (" …" if event.get("interrupted") else ""))
        elif kind == "tool.called" and self._tools:
            words = ", ".join(f"{value}" for name, value in event["arguments"].items() if name != "ask")
            self._line(event, "", "dim", f"· {event['tool']}({words})", dim=True)
        elif kind in ("answer.recorded", "answer.changed", "answer.skipped", "answer.withdrawn") and self._tools:
            value = "" if event.get("value") is None else f" = {event['value']}"
            self._line(event, "", "dim", f"· {kind.partition('.')[2]}: {event['question_id']}{value}", dim=True)
        elif kind == "sonic.stream_failed":
            self._line(event, "", "red", f"! stream failed: {event.get('reason')}")

    def _line(self, event: dict[str, Any], who: str, style: str, words: str, *, dim: bool = False) -> None:
        seconds = event["t_ms"] / 1000 * self._speed
        line = Text(f"{int(seconds // 60):02d}:{seconds % 60:04.1f}  ", style="dim")
        line.append(f"{who:<7}", style=style)
        line.append(words, style="dim" if dim else "")
        self._console.print(line, soft_wrap=False)
