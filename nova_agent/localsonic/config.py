"""How a Local Sonic endpoint is set up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nova_agent.localsonic.endpointing import EndpointingProfile

CompletionStart = Literal["answer", "speech"]


@dataclass(frozen=True, slots=True)
class LocalSonicConfig:
    """Settings of one endpoint. Durations are simulated seconds: ``speed`` shortens them all.

    ``port`` 0 takes a free one. ``hostnames`` are further names the certificate is good for. ``ca_dir`` ``None`` is the
    user's state directory. ``brain`` and ``brain_script`` go to ``make_brain``. ``speed`` 4.0 is for callers that feed
    audio four times as fast as they would speak. ``delivery_rate`` is how much faster than it plays an answer leaves.

    ``completion_start``: the real service sends completionStart with the first speech (recorded by others on Nova 1
    and 2). livekit-plugins-aws 1.8.9 opens a generation on it, and then takes the caller's words for an interruption
    of that very generation: when the caller speaks first, the first answer is never played. So the default is to send
    it with the first answer.
    """

    host: str = "127.0.0.1"
    port: int = 0
    hostnames: tuple[str, ...] = ()
    ca_dir: Path | None = None
    speed: float = 1.0
    brain: str = "rules"
    brain_script: Path | None = None
    endpointing: EndpointingProfile = "measured"
    # Limits: Amazon Nova user guide, "speech-errors", and the text of the idle exception.
    idle_limit_s: float = 55.0
    life_limit_s: float = 480.0
    final_text_delay_s: float = 0.0
    delivery_rate: float = 4.0
    completion_start: CompletionStart = "answer"
