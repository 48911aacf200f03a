"""What a client saw of one call, in the form that every program prints."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from typing import Any

WEATHER_TOOL = "get_weather"
WEATHER_RESULT = {"sky": "sunny"}


@dataclass(slots=True)
class Seen:
    """``ended`` is what told the client that the session is over: ``completionEnd``, ``END_STREAM``, or nothing.

    ``said`` is the answer's text, ``heard`` the caller's; ``audio_bytes`` is PCM s16le, mono, 24 kHz.
    """

    client: str
    heard: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    audio_bytes: int = 0
    tools: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False
    ended: list[str] = field(default_factory=list)

    def print(self) -> None:
        json.dump(asdict(self), sys.stdout)
        sys.stdout.write("\n")
