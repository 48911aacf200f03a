"""A caller's words in a synthetic voice."""

from __future__ import annotations

from nova_agent.localsonic.mouth import HibariMouth
from nova_agent.localsonic.voices import PLAIN


async def speech(text: str) -> bytes:
    """Speak: PCM s16le, mono, 16 kHz."""
    mouth = HibariMouth()
    await mouth.load()
    try:
        return await mouth.speak(text, voice=PLAIN, rate_hz=16_000)
    finally:
        await mouth.aclose()
