"""The caller's questions as sound, and ears that know them by heart.

Recognition proper would cost more than the call and be wrong now and then. Here a question counts as understood when
every quarter of its sound has arrived in one utterance: what a client loses on the way is lost to the model too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nova_agent.localsonic.mouth import HibariMouth
from nova_agent.localsonic.voices import PLAIN
from nova_agent.simulate.pcm import CALLER_RATE_HZ, Pcm, as_pcm, trimmed

_NUMBERS: Final = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
MOST_TURNS: Final = len(_NUMBERS)

_QUARTERS: Final = 4
_DECIMATION: Final = 4
_ALIKE: Final = 0.5
_ENOUGH: Final = 0.85
"""How much of a quarter's energy has to be there, and how much of what is there has to be the quarter; 1.0 is all.

Questions that sound alike reach 0.7. A first look at every fourth sample, for what is alike, saves most of the work.
"""

Samples = NDArray[np.float32]
Samples64 = NDArray[np.float64]


async def record_clips(path: Path, turns: int) -> None:
    """Speak the questions 1 to ``turns`` into the file ``path`` (``.npz``).

    Raises:
        MissingExtra: hibari is not installed.
    """
    mouth = HibariMouth()
    await mouth.load()
    try:
        spoken = [
            await mouth.speak(f"This is question {number}.", voice=PLAIN, rate_hz=CALLER_RATE_HZ)
            for number in _NUMBERS[:turns]
        ]
    finally:
        await mouth.aclose()
    np.savez(path, *(trimmed(as_pcm(pcm), CALLER_RATE_HZ) for pcm in spoken))


def load_clips(path: Path) -> dict[int, Pcm]:
    """Read what :func:`record_clips` wrote: mono s16 at 16 kHz by the question's number."""
    with np.load(path) as spoken:
        return {number: np.asarray(pcm, dtype=np.int16) for number, pcm in enumerate(spoken.values(), start=1)}


class Recogniser:
    """Finds whole questions in an utterance."""

    def __init__(self, clips: Mapping[int, Pcm]) -> None:
        self._clips = {number: clip / 32768 for number, clip in clips.items()}

    def numbers_in(self, samples: Samples) -> list[int]:
        """Return the questions that are there in full, in the order in which they were said; 16 kHz, -1 to 1."""
        heard = np.asarray(samples, dtype=np.float64)
        thin = _thinned(heard)
        found = [
            (place, number)
            for number, clip in self._clips.items()
            if _place_of(_thinned(clip), thin, _ALIKE) is not None
            and (place := _place_of(clip, heard, _ENOUGH)) is not None
        ]
        return [number for _, number in sorted(found)]


def _thinned(samples: Samples64) -> Samples64:
    """Every fourth sample, each the mean of four."""
    whole = samples[: samples.size // _DECIMATION * _DECIMATION]
    return np.asarray(whole.reshape(-1, _DECIMATION).mean(axis=1))


def _place_of(clip: Samples64, heard: Samples64, enough: float) -> int | None:
    """Where in ``heard`` the end of the sound ``clip`` begins, or ``None`` when one of its quarters is not there."""
    place = None
    for quarter in np.array_split(clip, _QUARTERS):
        place = _place_of_quarter(quarter, heard, enough)
        if place is None:
            return None
    return place


def _place_of_quarter(quarter: Samples64, heard: Samples64, enough: float) -> int | None:
    """The peak of their cross-correlation, if it is high enough."""
    energy = float(quarter @ quarter)
    if heard.size < quarter.size or not energy:
        return None
    size = 1 << (heard.size + quarter.size - 1).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(heard, size) * np.fft.rfft(quarter, size).conj(), size)
    at = int(correlation[: heard.size - quarter.size + 1].argmax())
    there = heard[at : at + quarter.size]
    likeness = float(correlation[at]) / (np.sqrt(energy * float(there @ there)) or 1.0)
    return at if correlation[at] >= enough * energy and likeness >= enough else None
