"""The page about lost calls says what the messages say, what settings there are, and how long things take."""

from __future__ import annotations

from typing import get_args

from nova_agent.lost import LostPlan
from nova_agent.messages import LONGEST_S, RATES_HZ, SHORTEST_S, TEXTS
from settings.model import CallSettings
from tests.unit.docs.pages import guide, table

PAGE = guide("when-nothing-helps")


def test_the_messages_say_what_the_page_says() -> None:
    assert {name: says for name, (_when, says) in table(PAGE, "message").items()} == dict(TEXTS)


def test_every_way_to_go_on_is_described() -> None:
    described = set(table(PAGE, "`NOVA_CALL__WHEN_LOST`"))
    assert described == set(get_args(CallSettings.model_fields["when_lost"].annotation))


def test_the_times_are_those_of_the_code() -> None:
    plan = LostPlan()
    assert f"for {plan.wait_after_s:g} s" in PAGE
    assert f"each further {plan.wait_again_s:g} s" in PAGE
    assert f"{RATES_HZ[0] // 1000} to {RATES_HZ[-1] // 1000} kHz, {SHORTEST_S} to {LONGEST_S:g} s" in PAGE
