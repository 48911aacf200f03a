"""The numbers of turns as sound: a tone for each digit, units first, so that nothing depends on recognition.

Each place has tones of its own, and a number is understood only when its three tones are equally long: a piece of sound
that is missing, or comes twice, shows. Neighbours differ in their first tone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.faults.tones import PARDON, number_in, tone
from nova_agent.simulate.pcm import AGENT_RATE_HZ, CALLER_RATE_HZ, Pcm, duration_ms

FIRST: Final = 100
LAST: Final = 999
PLACES: Final = 3
SHORT_MS: Final = 240
"""One tone of a plain question or answer."""
LONG_MS: Final = 2_500
"""One tone of an answer that is there to be interrupted."""
MONOLOGUE_MS: Final = 6_700
"""One tone of a caller who does not stop for 20 s."""

_SLOT_MS: Final = 20
_SLOT: Final = CALLER_RATE_HZ * _SLOT_MS // 1000
_UNEVEN_SLOTS: Final = 3
_LEAST_SLOTS: Final = 5
_LOWEST_HZ: Final = 500
_STEP_HZ: Final = 100
_AUDIBLE: Final = 0.01
_PURE: Final = 0.5
_HEARD: Final = 0.75

Samples = NDArray[np.float32]


def spoken(number: int, rate_hz: int, tone_ms: int) -> Pcm:
    """Return a number from :data:`FIRST` to :data:`LAST` as sound, mono s16."""
    return np.concatenate([tone(symbol, rate_hz, tone_ms) for symbol in symbols_of(number)])


def symbols_of(number: int) -> tuple[int, ...]:
    """The tones of a number."""
    return tuple(place * 10 + number // 10**place % 10 for place in range(PLACES))


def numbers_in(samples: Samples) -> list[int]:
    """Return the numbers that are there as a whole; 16 kHz, -1 to 1."""
    runs = [(symbol, len(list(slots))) for symbol, slots in groupby(_symbols(samples)) if symbol is not None]
    return [
        sum(symbol % 10 * 10**place for place, (symbol, _) in enumerate(run))
        for run in (runs[at : at + PLACES] for at in range(len(runs)))
        if [symbol // 10 for symbol, _ in run] == list(range(PLACES)) and _is_whole([slots for _, slots in run])
    ]


def _is_whole(slots: list[int]) -> bool:
    return min(slots) >= _LEAST_SLOTS and max(slots) - min(slots) <= _UNEVEN_SLOTS


def _symbols(samples: Samples) -> Iterator[int | None]:
    """The tone of each 20 ms; ``None`` where there is none, or where two of them meet."""
    slots = samples[: samples.size // _SLOT * _SLOT].reshape(-1, _SLOT)
    if not slots.size:
        return
    loud = np.sqrt(np.mean(np.square(slots), axis=1)) >= _AUDIBLE
    power = np.abs(np.fft.rfft(slots * np.hanning(_SLOT), axis=1)) ** 2
    for is_loud, spectrum in zip(loud, power, strict=True):
        peak = int(spectrum.argmax())
        number, rest_hz = divmod(peak * CALLER_RATE_HZ // _SLOT - _LOWEST_HZ + _STEP_HZ // 2, _STEP_HZ)
        pure = spectrum[max(0, peak - 2) : peak + 3].sum() >= _PURE * spectrum.sum()
        yield number if is_loud and pure and 0 <= number < PLACES * 10 and rest_hz >= 0 else None


@dataclass(slots=True)
class Answer:
    """One answer as it was heard, from its first sound on; times are milliseconds of the line."""

    began_ms: float
    last_ms: float
    tones_ms: dict[int, float] = field(default_factory=dict)

    def is_of(self, number: int) -> bool:
        """Whether it begins as this number does."""
        return next(iter(self.tones_ms)) == symbols_of(number)[0]

    def is_whole(self, number: int, tone_ms: int = SHORT_MS) -> bool:
        """Whether it is this number, and has been heard to its end."""
        return all(self.tones_ms.get(symbol, 0.0) >= _HEARD * tone_ms for symbol in symbols_of(number))


class Hearing:
    """What the caller hears of the agent. ``others``: sounds that are no answer, in slots of 20 ms."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.others = 0

    @property
    def last(self) -> Answer | None:
        """The answer that was heard last, or is being heard."""
        return self.answers[-1] if self.answers else None

    def hear(self, start_ms: float, pcm: Pcm) -> None:
        """Take up to 20 ms, mono s16 at 24 kHz."""
        if (symbol := number_in(pcm)) is None:
            return
        if symbol >= PARDON:
            self.others += 1
            return
        heard_ms = duration_ms(pcm, AGENT_RATE_HZ)
        if symbol < 10 and (self.last is None or set(self.last.tones_ms) != {symbol}):
            self.answers.append(Answer(start_ms, start_ms))
        if self.last is not None:
            self.last.tones_ms[symbol] = self.last.tones_ms.get(symbol, 0.0) + heard_ms
            self.last.last_ms = start_ms + heard_ms
