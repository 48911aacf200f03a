"""How often and how soon another stream is asked for."""

from __future__ import annotations

from nova_agent.sonic.backoff import Backoff
from nova_agent.sonic.reasons import FAILURES, Failure


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def delays(backoff: Backoff, clock: FakeClock, failure: Failure | None = None) -> list[float]:
    """All delays that are allowed, each of them waited for."""
    found = []
    while (delay_s := backoff.next_delay(failure)) is not None:
        clock.now += delay_s
        found.append(delay_s)
    return found


def test_the_first_retry_comes_at_once_and_further_ones_later_and_later() -> None:
    clock = FakeClock()
    first, *further = delays(Backoff(clock=clock, random=lambda: 1.0), clock)
    assert first == 0.0
    assert further == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


def test_chance_halves_a_wait_at_most() -> None:
    clock = FakeClock()
    assert delays(Backoff(clock=clock, random=lambda: 0.0), clock)[1:4] == [0.125, 0.25, 0.5]


def test_no_attempt_begins_after_the_budget() -> None:
    clock = FakeClock()
    waits = delays(Backoff(budget_s=3.0, clock=clock, random=lambda: 1.0), clock)
    assert waits == [0.0, 0.25, 0.5, 1.0]


def test_the_time_that_attempts_take_counts() -> None:
    clock = FakeClock()
    backoff = Backoff(budget_s=3.0, clock=clock)
    backoff.next_delay()
    clock.now += 3.1
    assert backoff.next_delay() is None


def test_waiting_to_be_needed_costs_no_budget() -> None:
    clock = FakeClock()
    backoff = Backoff(budget_s=3.0, healthy_s=1e9, clock=clock)
    clock.now += 500
    assert backoff.next_delay() == 0.0


def test_a_healthy_time_begins_a_new_series() -> None:
    clock = FakeClock()
    backoff = Backoff(attempts=2, clock=clock)
    delays(backoff, clock)
    assert backoff.next_delay() is None
    clock.now += 61
    assert backoff.next_delay() == 0.0


def test_a_reset_begins_a_new_series() -> None:
    clock = FakeClock()
    backoff = Backoff(attempts=2, clock=clock)
    delays(backoff, clock)
    backoff.reset()
    assert backoff.next_delay() == 0.0


def test_a_wish_of_the_service_is_granted_from_the_second_attempt_on() -> None:
    clock = FakeClock()
    waits = delays(Backoff(attempts=4, clock=clock), clock, Failure("throttled", delay_s=2.0))
    assert waits[0] == 0.0
    assert min(waits[1:]) >= 2.0


def test_what_cannot_be_helped_is_not_tried_again_unless_elsewhere() -> None:
    denied = FAILURES["access-denied"]
    assert Backoff().next_delay(denied) is None
    assert Backoff().next_delay(denied, elsewhere=True) == 0.0


def test_some_failures_are_worth_few_tries_in_a_row() -> None:
    clock = FakeClock()
    assert len(delays(Backoff(clock=clock), clock, FAILURES["credentials-expired"])) == 2


def test_another_failure_in_between_ends_the_row() -> None:
    backoff = Backoff(clock=FakeClock())
    failures = ["credentials-expired", "cut"] * 3
    assert all(backoff.next_delay(FAILURES[reason]) is not None for reason in failures)
