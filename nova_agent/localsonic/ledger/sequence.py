"""A sequence of 67,108,863 bits in which any 26 bits in a row stand nowhere else: positions to bits, and back.

It is the maximum-length sequence of x^26 + x^6 + x^2 + x + 1, so each bit is the exclusive or of those 20, 24, 25 and
26 places before. All zeros never occur. A *state* is 26 bits in a row as a number, the earliest in the lowest place.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

ORDER: Final = 26
PERIOD: Final = 2**ORDER - 1
"""The sequence's length; positions start again after it."""
LAGS: Final = (20, 24, 25, 26)

Bits = NDArray[np.uint8]
_States = NDArray[np.int64]

_TAPS: Final = sum(1 << (ORDER - lag) for lag in LAGS)
# Every so many positions a state is known beforehand; from any other one so many steps, at most, lead to one of them.
_STRIDE_POWER: Final = 13
_STRIDE: Final = 2**_STRIDE_POWER


def bits_at(position: int, count: int) -> Bits:
    """``count`` bits from that position on, one a byte."""
    return _continued(_state_at(position % PERIOD), count)


def position_of(state: int) -> int:
    """Where those 26 bits stand.

    Raises:
        ValueError: they are all zeros, which stand nowhere.
    """
    if state == 0:
        raise ValueError("26 zeros in a row are no part of the sequence")
    states, positions = _known_states()
    steps = _states_in(_continued(state, _STRIDE + ORDER))
    found = np.minimum(np.searchsorted(states, steps), len(states) - 1)
    step = int(np.argmax(states[found] == steps))
    return int(positions[found[step]] - step) % PERIOD


def state_of(bits: Bits) -> int:
    """The first 26 bits as a state."""
    return int(bits[:ORDER].astype(np.int64) @ (1 << np.arange(ORDER, dtype=np.int64)))


def deviations(bits: Bits) -> Bits:
    """For each bit from the 27th on: 1 where it does not follow from those before."""
    count = len(bits) - ORDER
    wrong = bits[ORDER:].copy()
    for lag in LAGS:
        wrong ^= bits[ORDER - lag : ORDER - lag + count]
    return wrong


def _continued(state: int, count: int) -> Bits:
    """The bits from a state on. The rule also holds with all lags doubled, so ever longer pieces come at once."""
    bits = np.empty(max(count, ORDER), np.uint8)
    bits[:ORDER] = [state >> place & 1 for place in range(ORDER)]
    have, scale = ORDER, 1
    while have < count:
        while 2 * scale * ORDER <= have:
            scale *= 2
        size = min(scale * LAGS[0], count - have)
        piece = bits[have : have + size]
        piece[:] = 0
        for lag in LAGS:
            piece ^= bits[have - lag * scale : have - lag * scale + size]
        have += size
    return bits[:count]


def _states_in(bits: Bits) -> _States:
    """The state at each bit, but for the last 26."""
    count = len(bits) - ORDER
    states = np.zeros(count, np.int64)
    for place in range(ORDER):
        states |= bits[place : place + count].astype(np.int64) << place
    return states


@cache
def _known_states() -> tuple[_States, _States]:
    """The states at every 8,192nd position in order of their value, and these positions."""
    states = np.array([_state_at(0)], np.int64)
    for power in range(_STRIDE_POWER, ORDER):
        states = np.concatenate((states, _advanced(states, power)))
    order = np.argsort(states)
    return states[order], order * _STRIDE


def _state_at(position: int) -> int:
    state = np.array([1], np.int64)
    for power in range(ORDER):
        if position >> power & 1:
            state = _advanced(state, power)
    return int(state[0])


def _advanced(states: _States, power: int) -> _States:
    """The states 2^power positions later."""
    advanced = np.zeros_like(states)
    for place, image in enumerate(_images()[power]):
        advanced ^= np.where(states >> place & 1, image, 0)
    return advanced


@cache
def _images() -> tuple[tuple[int, ...], ...]:
    """For each power of two, where so many positions take each bit of a state: a linear map, given by its columns."""
    columns = tuple((1 << place >> 1) | ((1 << place & _TAPS).bit_count() & 1) << (ORDER - 1) for place in range(ORDER))
    powers = [columns]
    for _ in range(ORDER - 1):
        powers.append(tuple(_image_of(column, powers[-1]) for column in powers[-1]))
    return tuple(powers)


def _image_of(state: int, columns: tuple[int, ...]) -> int:
    image = 0
    for place, column in enumerate(columns):
        if state >> place & 1:
            image ^= column
    return image
