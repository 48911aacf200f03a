"""The ports through which a synthetic caller hears and speaks."""

from __future__ import annotations

from typing import Protocol

from nova_agent.simulate.pcm import Pcm


class Hearing(Protocol):
    """Ears: audio in, words out."""

    async def transcribe(self, pcm: Pcm) -> str:
        """Return the words in ``pcm`` (mono s16, 16 kHz), empty for none. Returns within seconds, or raises."""
        ...


class Voice(Protocol):
    """A mouth: words in, audio out."""

    @property
    def rate_hz(self) -> int:
        """Rate of what :meth:`speak` returns."""
        ...

    async def speak(self, text: str) -> Pcm:
        """Return ``text`` spoken, mono s16."""
        ...
