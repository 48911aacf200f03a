"""Which region to ask next."""

from __future__ import annotations

import pytest

from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.failures import FAILURES
from nova_agent.sonic.regions import AVOID_LIMIT_S, AVOID_S, Regions

HOME, NEAR, FAR = (SonicEndpoint(f"https://{name}.test", name) for name in ("home", "near", "far"))
THROTTLED, CUT = FAILURES["throttled"], FAILURES["cut"]


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def regions(clock: FakeClock) -> Regions:
    return Regions((HOME, NEAR, FAR), clock=clock)


def test_calls_begin_at_home(regions: Regions) -> None:
    assert regions.order() == [HOME, NEAR, FAR]


def test_a_region_in_trouble_is_left_at_once(regions: Regions) -> None:
    regions.failed(HOME, THROTTLED)
    assert regions.order() == [NEAR, FAR, HOME]


def test_a_connection_that_was_cut_is_made_again_and_cut_again_elsewhere(regions: Regions) -> None:
    regions.failed(HOME, CUT)
    assert regions.current == HOME
    regions.failed(HOME, CUT)
    assert regions.current == NEAR


def test_streams_stay_where_they_were_served(regions: Regions, clock: FakeClock) -> None:
    regions.failed(HOME, THROTTLED)
    regions.served(NEAR)
    clock.now += AVOID_S + 1
    assert regions.order() == [NEAR, HOME, FAR]


def test_a_region_is_tried_again_after_a_while(regions: Regions, clock: FakeClock) -> None:
    regions.failed(HOME, THROTTLED)
    clock.now += AVOID_S - 1
    assert regions.current == NEAR
    clock.now += 2
    assert regions.current == HOME


def test_who_fails_again_and_again_is_avoided_for_longer_within_a_limit(regions: Regions, clock: FakeClock) -> None:
    for _ in range(10):
        regions.failed(HOME, THROTTLED)
    clock.now += AVOID_LIMIT_S - 1
    assert regions.is_avoided(HOME)
    clock.now += 2
    assert not regions.is_avoided(HOME)


def test_when_all_have_failed_the_first_that_may_be_tried_again_comes_first(regions: Regions, clock: FakeClock) -> None:
    for endpoint in (NEAR, HOME, FAR):
        regions.failed(endpoint, THROTTLED)
        clock.now += 1
    assert regions.order() == [NEAR, HOME, FAR]
    assert not regions.has_choice


def test_an_answer_clears_a_regions_name(regions: Regions) -> None:
    regions.failed(HOME, THROTTLED)
    regions.served(HOME)
    regions.failed(HOME, CUT)
    assert regions.current == HOME


def test_a_host_that_is_full_is_no_fault_of_a_region(regions: Regions) -> None:
    for _ in range(3):
        regions.failed(HOME, FAILURES["too-many-streams"])
    assert regions.current == HOME


def test_a_single_region_is_always_the_one(clock: FakeClock) -> None:
    regions = Regions((HOME,), clock=clock)
    regions.failed(HOME, THROTTLED)
    assert (regions.current, regions.has_choice) == (HOME, False)


def test_there_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Regions(())
