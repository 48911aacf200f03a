"""Faults as text: what can be read, and what a wrong text is told."""

from __future__ import annotations

import pytest

from nova_agent.errors import SettingsError
from nova_agent.localsonic.faults.catalogue import CATALOGUE
from nova_agent.localsonic.faults.grammar import parse_order
from nova_agent.localsonic.faults.points import Point


@pytest.mark.parametrize(
    ("text", "name", "value", "point"),
    [
        ("throttlingException@turn=3", "throttlingException", None, Point("turn", number=3)),
        ("rst@event=audioInput:50", "rst", 2, Point("event", "audioInput", 50)),
        ("rst:cancel@tool", "rst", 8, Point("tool")),
        ("rst:11@now", "rst", 11, Point("now")),
        ("slow-headers:2.5@open", "slow-headers", 2.5, Point("open")),
        ("trickle:2000@turn=1", "trickle", 2000, Point("turn", number=1)),
        ("tls-failure@connect", "tls-failure", "alert", Point("connect")),
        ("rst-531@audio=2:300", "rst-531", None, Point("audio", number=2, amount=300.0)),
        ("mute@seconds=20", "mute", None, Point("seconds", amount=20.0)),
        ("http-403:AccessDeniedException@open", "http-403", "AccessDeniedException", Point("open")),
        ("validationException:me@home, or so@turn=1", "validationException", "me@home, or so", Point("turn", number=1)),
    ],
)
def test_a_text_names_a_fault_its_argument_and_its_point(text: str, name: str, value: object, point: Point) -> None:
    order = parse_order(text)
    assert ([fault.name for fault in order.faults], order.value, order.point) == ([name], value, point)


@pytest.mark.parametrize(
    ("text", "times", "for_s", "chance"),
    [
        ("rst@turn=1", 1, None, 1.0),
        ("rst@turn,times=3", 3, None, 1.0),
        ("http-429@open,for=60", None, 60.0, 1.0),
        ("rst@turn, chance=0.5, times=2, for=9", 2, 9.0, 0.5),
        ("mix:7@turn,chance=0.05", None, None, 0.05),
    ],
)
def test_a_fault_strikes_once_unless_the_text_says_otherwise(
    text: str, times: int | None, for_s: float | None, chance: float
) -> None:
    order = parse_order(text)
    assert (order.times, order.for_s, order.chance) == (times, for_s, chance)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rst", "does not say where"),
        ("rts@turn=1", "did you mean 'rst'?"),
        ("throttlingexception@turn=1", "did you mean 'throttlingException'?"),
        ("rst@trun=1", "there is no point 'trun=1'"),
        ("rst@turn=none", "turn cannot be counted by 'none'"),
        ("rst@turn=0", "from 1 on"),
        ("rst@event=audioInputs", "did you mean 'audioInput'?"),
        ("rst@turn=1,time=2", "did you mean 'times'?"),
        ("rst@turn=1,times=x", "whole number"),
        ("rst@now,times=-1", "times=-1 does not do"),
        ("rst@now,for=soon", "for=soon does not do"),
        ("rst@turn,chance=2", "at most 1"),
        ("rst:SOON@turn=1", "NO_ERROR"),
        ("slow-headers:late@open", "slow-headers does not take 'late'"),
        ("silent-end:1@turn=1", "silent-end takes no argument"),
        ("http-403:Forbidden@open", "ExpiredTokenException"),
        ("http-403@turn=1", "http-403 does not strike at turn, but at: open"),
        ("tls-stall@open", "but at: connect"),
        ("mute@connect", "does not strike at connect"),
        ("rst@any", "only a mix"),
        ("rst@turn,names=rst", "only a mix"),
        ("mix@turn,chance=0.1", "needs a seed"),
        ("mix:7@turn", "needs a chance"),
        ("mix:7@turn,chance=0.1,names=rst|tpc-cut", "did you mean 'tcp-cut'?"),
    ],
)
def test_a_wrong_text_is_named_with_what_is_wrong_and_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_order(text)
    assert repr(text) in str(caught.value)
    assert said in str(caught.value)
    assert "NAME[:ARGUMENT]@POINT" in str(caught.value)


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=lambda fault: fault.name)
def test_the_example_of_every_fault_can_be_planned(fault: object) -> None:
    assert parse_order(fault.example).faults == (fault,)  # type: ignore[attr-defined]


def test_every_fault_that_takes_an_argument_names_it() -> None:
    assert [fault.name for fault in CATALOGUE.values() if bool(fault.argument) != (fault.parse is not None)] == []
