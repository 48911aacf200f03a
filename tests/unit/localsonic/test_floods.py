"""Frames that bring nothing are counted; those that carry something are not."""

from __future__ import annotations

import pytest

from nova_agent.localsonic.floods import Flood, FloodGuard


def header(kind: int, length: int = 8) -> bytes:
    return length.to_bytes(3, "big") + bytes((kind, 0)) + bytes(4)


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(clock: Clock) -> FloodGuard:
    return FloodGuard(clock)


@pytest.mark.parametrize(
    ("frame", "count"),
    [*((header(kind), 2_000) for kind in (2, 3, 4, 6, 9, 99)), (header(0, 0), 2_000), (header(1), 500)],
)
def test_so_many_frames_without_use_are_a_flood(guard: FloodGuard, frame: bytes, count: int) -> None:
    for _ in range(count):
        guard.check(frame)
    with pytest.raises(Flood) as caught:
        guard.check(frame)
    assert caught.value.code == 11


def test_a_body_may_be_as_long_as_it_likes(guard: FloodGuard) -> None:
    for _ in range(10_000):
        guard.check(header(0, 64))


def test_windows_are_given_back_a_hundred_times_as_often(guard: FloodGuard) -> None:
    for _ in range(190_000):
        guard.check(header(8, 4))


def test_200_frames_a_second_go_on_for_ever(guard: FloodGuard, clock: Clock) -> None:
    for _ in range(10_000):
        guard.check(header(6))
        clock.now_s += 0.005


def test_a_frame_above_what_was_allowed_is_refused_before_it_comes(guard: FloodGuard) -> None:
    with pytest.raises(Flood) as caught:
        guard.check(header(0, 16_385))
    assert caught.value.code == 6
