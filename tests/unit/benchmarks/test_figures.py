"""Summaries of measured values."""

from __future__ import annotations

import pytest

from benchmarks.figures import percentile, ratio, spread


def test_the_median_of_an_even_number_of_values_lies_between_the_middle_two() -> None:
    assert percentile([1.0, 2.0, 4.0, 9.0], 50) == 3.0


def test_a_percentile_between_two_values_is_interpolated() -> None:
    assert percentile([0.0, 10.0], 95) == pytest.approx(9.5)


def test_the_percentiles_of_one_value_are_that_value() -> None:
    assert [percentile([7.0], percent) for percent in (0, 50, 95, 100)] == [7.0] * 4


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], -1), ([1.0], 101)])
def test_a_percentile_that_there_is_none_of_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, percent)


def test_a_spread_does_not_depend_on_the_order_of_the_values() -> None:
    found = spread([30.0, 10.0, 20.0])
    assert found is not None
    assert (found.count, found.p50, found.max) == (3, 20.0, 30.0)


def test_no_values_have_no_spread() -> None:
    assert spread([]) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"), [(1.0, 2.0, 0.5), (None, 2.0, None), (1.0, None, None), (1.0, 0.0, None)]
)
def test_a_ratio_needs_both_figures(ours: float | None, theirs: float | None, expected: float | None) -> None:
    assert ratio(ours, theirs) == expected
