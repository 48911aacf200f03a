"""Showing a call in the terminal while it goes on, from the events of its record."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

_WHO: Final = {"turn.user": ("caller", "bold cyan"), "turn.agent": ("agent", "bold green")}
_ANSWERS: Final = ("answer.recorded", "answer.changed", "answer.skipped", "answer.withdrawn")
_TIME_WIDTH: Final = 7
_WHO_WIDTH: Final = 6


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
            words = event["text"] + (" …" if event.get("interrupted") else "")
            self._line(event, Text(who, style), Text(words))
        elif kind == "tool.called" and self._tools:
            words = ", ".join(str(value) for name, value in event["arguments"].items() if name != "ask")
            self._aside(event, f"· {event['tool']}({words})", "dim")
        elif kind in _ANSWERS and self._tools:
            value = "" if event.get("value") is None else f" = {event['value']}"
            self._aside(event, f"· {kind.partition('.')[2]}: {event['question_id']}{value}", "dim")
        elif kind == "sonic.stream_failed":
            self._aside(event, f"! stream failed: {event.get('reason')}", "red")
        elif kind == "call.message_played":
            self._aside(event, f"! the caller heard the message {event['message']!r}", "red")

    def _aside(self, event: dict[str, Any], words: str, style: str) -> None:
        self._line(event, Text(), Text(words, style))

    def _line(self, event: dict[str, Any], who: Text, words: Text) -> None:
        """Print one row of a grid, so that long words go on under their beginning."""
        seconds = event["t_ms"] / 1000 * self._speed
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_column(width=_TIME_WIDTH, style="dim")
        row.add_column(width=_WHO_WIDTH)
        row.add_column(overflow="fold")
        row.add_row(f"{int(seconds // 60):02d}:{seconds % 60:04.1f}", who, words)
        self._console.print(row)
