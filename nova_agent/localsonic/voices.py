"""Nova Sonic's voice ids, and the four voices that Local Sonic has for them.

The mouth speaks with one voice; the other three are the same speech resampled, so pitch and tempo move together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Voice:
    """``factor``: how much faster and higher than the synthesised voice, 1.0 = unchanged."""

    name: str
    factor: float


DEEP: Final = Voice("deep", 0.88)
CALM: Final = Voice("calm", 0.95)
PLAIN: Final = Voice("plain", 1.0)
BRIGHT: Final = Voice("bright", 1.1)

# The voices of Nova Sonic 1 and 2 (livekit-plugins-aws 1.8.9, types.py); Nova 2.5 takes those of Nova 2.
_VOICES: Final = {
    "matthew": DEEP,
    "carlos": DEEP,
    "lennart": DEEP,
    "lorenzo": DEEP,
    "leo": CALM,
    "arjun": CALM,
    "florian": CALM,
    "beatrice": CALM,
    "greta": CALM,
    "tiffany": PLAIN,
    "lupe": PLAIN,
    "tina": PLAIN,
    "kiara": PLAIN,
    "amy": BRIGHT,
    "olivia": BRIGHT,
    "ambre": BRIGHT,
    "carolina": BRIGHT,
}
VOICE_IDS: Final = frozenset(_VOICES)
_SINCE_NOVA_2: Final = frozenset({"olivia", "tina", "carolina", "leo", "arjun", "kiara"})
VERSION_1_VOICES: Final = VOICE_IDS - _SINCE_NOVA_2
NOVA_2_VOICES: Final = VOICE_IDS - {"greta"}


def voice_for(voice_id: str) -> Voice:
    """Return the local voice behind a Nova voice id; any other id than :data:`VOICE_IDS` gets the plain one."""
    return _VOICES.get(voice_id.lower(), PLAIN)
