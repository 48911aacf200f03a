"""Which region to ask next."""

from __future__ import annotations

import pytest

from nova_agent.sonic.endpoint import SonicEndpoint
from nova_agent.sonic.failures import FAILURES
from nova_agent.sonic.regions import AVOID_LIMIT_S, AVOID_S, SERVED_S, Regions

HOME, NEAR, FAR = (SonicEndpoint(f"https://{name}.test", name) for name in ("home", "near", "far"))
THROTTLED, CUT, NO_ANSWER, DENIED = map(FAILURES.__getitem__, ("throttled", "cut", "no-answer", "access-denied"))


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


def test_the_first_region_is_preferred_again_when_its_time_is_over(regions: Regions, clock: FakeClock) -> None:
    regions.failed(HOME, THROTTLED)
    regions.served(NEAR)
    clock.now += AVOID_S - 1
    assert regions.order() == [NEAR, FAR, HOME]
    clock.now += 2
    assert regions.order() == [HOME, NEAR, FAR]


def test_who_fails_again_soon_after_is_avoided_for_longer(regions: Regions, clock: FakeClock) -> None:
    for times in range(3):
        regions.failed(HOME, THROTTLED)
        clock.now += AVOID_S * 2**times - 1
        assert regions.is_avoided(HOME)
        clock.now += 2
        assert regions.current == HOME
        regions.served(HOME)
        clock.now += SERVED_S - 1


def test_who_has_served_for_long_begins_with_a_clean_slate(regions: Regions, clock: FakeClock) -> None:
    for _ in range(3):
        regions.failed(HOME, THROTTLED)
    regions.served(HOME)
    clock.now += SERVED_S
    regions.served(HOME)
    regions.failed(HOME, THROTTLED)
    clock.now += AVOID_S + 1
    assert regions.current == HOME


def test_one_answer_that_does_not_come_is_no_reason_to_leave_but_two_are(regions: Regions, clock: FakeClock) -> None:
    regions.served(HOME)
    regions.failed(HOME, NO_ANSWER)
    assert regions.current == HOME
    regions.served(HOME)
    clock.now += SERVED_S
    regions.failed(HOME, NO_ANSWER)
    assert regions.current == HOME
    regions.served(HOME)
    clock.now += SERVED_S - 1
    regions.failed(HOME, NO_ANSWER)
    assert regions.current == NEAR


def test_who_does_not_let_us_in_comes_last(regions: Regions, clock: FakeClock) -> None:
    regions.failed(HOME, DENIED)
    for endpoint in (NEAR, FAR, NEAR):
        regions.failed(endpoint, THROTTLED)
        clock.now += 1
    assert regions.order() == [FAR, NEAR, HOME]
    assert [regions.refuses(endpoint) for endpoint in (HOME, NEAR)] == [True, False]
    clock.now += AVOID_S
    assert not regions.refuses(HOME)


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
    assert regions.current == HOME


def test_there_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Regions(())
