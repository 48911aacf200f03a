"""What happens to the streams of the call, as its record would tell it, and how old the one is that serves."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Streams:
    """An observer of the model.."""

    gaps_ms: list[int] = field(default_factory=list)
    replayed_ms: list[int] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    _served_at: float = 0.0

    @property
    def rotated(self) -> int:
        return len(self.gaps_ms)

    @property
    def age_s(self) -> float:
        """Seconds for which the present stream has served."""
        return time.monotonic() - self._served_at

    def observe(self, event: str, **fields: Any) -> None:
        """Take an event."""
        match event:
            case "sonic.stream_opened":
                self.opened += 1
                self._served_at = time.monotonic()
            case "sonic.stream_rotated":
                self.gaps_ms.append(fields["gap_ms"])
                self._served_at = time.monotonic()
            case "sonic.stream_replayed":
                self.replayed_ms.append(fields["audio_ms"])
            case "sonic.stream_failed":
                self.failures[fields["reason"]] += 1
            case _:
                pass
