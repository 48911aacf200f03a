"""The longest silence of a call is one in which neither side is heard."""

from __future__ import annotations

from benchmarks.faults.dead_air import DeadAir


def heard(*sounds: tuple[float, float]) -> DeadAir:
    air = DeadAir()
    for start_ms, end_ms in sounds:
        air.sound(start_ms, end_ms)
    return air


def test_a_call_in_which_nobody_speaks_is_one_silence() -> None:
    assert heard().longest_ms(5_000) == 5_000


def test_beginning_and_end_count_too() -> None:
    assert heard((2_000, 3_000)).longest_ms(3_500) == 2_000
    assert heard((100, 3_000)).longest_ms(9_000) == 6_000


def test_a_pause_on_one_side_is_none_while_the_other_speaks() -> None:
    assert heard((0, 100), (50, 4_000), (3_900, 3_920), (4_500, 5_000)).longest_ms(5_000) == 500


def test_sounds_that_follow_each_other_are_one() -> None:
    assert heard(*((at, at + 20) for at in range(0, 1_000, 20))).longest_ms(1_000) == 0


def test_what_was_still_to_be_said_when_the_call_ended_is_no_silence() -> None:
    assert heard((0, 900), (800, 2_000)).longest_ms(1_000) == 0
