"""The sequence of bits that numbers samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_agent.localsonic.ledger.sequence import ORDER, PERIOD, bits_at, deviations, position_of, state_of


def test_the_first_bits_follow_from_the_polynomial() -> None:
    bits = [1] + [0] * 25
    for _ in range(1000):
        bits.append(bits[-20] ^ bits[-24] ^ bits[-25] ^ bits[-26])
    assert bits_at(0, len(bits)).tolist() == bits


def test_no_state_comes_back_before_the_period_is_over() -> None:
    """The period divides 2^26 - 1 = 3 * 2731 * 8191, and is none of its proper divisors."""
    start = state_of(bits_at(0, ORDER))
    assert state_of(bits_at(PERIOD - 1, ORDER + 1)[1:]) == start
    for factor in (3, 2731, 8191):
        assert PERIOD % factor == 0
        assert state_of(bits_at(PERIOD // factor, ORDER)) != start


@given(st.integers(0, PERIOD - 1))
def test_26_bits_tell_their_position(position: int) -> None:
    assert position_of(state_of(bits_at(position, ORDER))) == position


@given(st.integers(0, PERIOD - 1), st.integers(1, 5000), st.integers(0, 5000))
def test_bits_are_the_same_wherever_one_begins(position: int, count: int, later: int) -> None:
    assert bits_at(position, later + count)[later:].tolist() == bits_at(position + later, count).tolist()


def test_zeros_stand_nowhere() -> None:
    with pytest.raises(ValueError, match="zeros"):
        position_of(0)


def test_a_wrong_bit_shows_where_it_stands_and_where_it_counts() -> None:
    bits = bits_at(1234, 200)
    assert not deviations(bits).any()
    bits[100] ^= 1
    assert (np.flatnonzero(deviations(bits)) + ORDER).tolist() == [100, 120, 124, 125, 126]
