from __future__ import annotations

import time

import pytest

from nova_agent.localsonic.clock import ScaledClock


def test_simulated_time_runs_at_the_given_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    clock = ScaledClock(4.0)
    monkeypatch.setattr(time, "monotonic", lambda: 1002.0)
    assert clock.now() == 8.0


async def test_sleeps_are_shortened_by_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    await ScaledClock(4.0).sleep(8.0)
    await ScaledClock(4.0).sleep(-1.0)
    assert slept == [2.0, 0.0]


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_time_cannot_stand_still(speed: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        ScaledClock(speed)
