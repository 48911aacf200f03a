"""How a Local Sonic endpoint is set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nova_agent.localsonic.endpointing import EndpointingProfile
from nova_agent.localsonic.limits import Limits
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import Profile


@dataclass(frozen=True, slots=True)
class LocalSonicConfig:
    """Settings of one endpoint. Durations are simulated seconds: ``speed`` shortens them all.

    ``port`` 0 takes a free one. ``hostnames`` are further names the certificate is good for. ``ca_dir`` ``None`` is the
    user's state directory. ``brain`` and ``brain_script`` go to ``make_brain``. ``speed`` 4.0 is for callers that feed
    audio four times as fast as they would speak. ``delivery_rate`` is how much faster than it plays an answer leaves.

    ``profile``: "strict" ends a stream over what the service would refuse, "lenient" forgives and logs it.
    ``switches``: what nobody could confirm about the service.

    ``faults``: what goes wrong, and when, in the words of ``faults.grammar``.

    ``control_port``: where to ask for the ledger and plan faults by HTTP, see ``control``; 0 takes a free port.
    ``ledger_streams``: how many finished streams the ledger remembers; ``keep_audio_s``: the last seconds of each
    stream's own audio that it keeps; ``track_numbering``: whether it follows numbered audio.

    ``limits``: what hostile clients may take.
    """

    host: str = "127.0.0.1"
    port: int = 0
    hostnames: tuple[str, ...] = ()
    ca_dir: Path | None = None
    speed: float = 1.0
    brain: str = "rules"
    brain_script: Path | None = None
    endpointing: EndpointingProfile = "measured"
    profile: Profile = "strict"
    switches: Switches = field(default_factory=Switches)
    # Limits: Amazon Nova user guide, "speech-errors", and the text of the idle exception.
    idle_limit_s: float = 55.0
    life_limit_s: float = 480.0
    final_text_delay_s: float = 0.0
    delivery_rate: float = 4.0
    faults: tuple[str, ...] = ()
    control_port: int | None = None
    ledger_streams: int = 200
    keep_audio_s: float = 0.0
    track_numbering: bool = True
    limits: Limits = field(default_factory=Limits)
