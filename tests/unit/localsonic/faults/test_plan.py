"""How often a plan strikes, for how long, and how a mix draws."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest

from nova_agent.errors import SettingsError
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.localsonic.faults.points import Opportunity

OPEN = Opportunity("open")


class Now:
    """A clock for plans."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def struck(plan: FaultPlan, *opportunities: Opportunity) -> list[str]:
    strikes = [plan.strike(opportunity) for opportunity in opportunities]
    return [strike.fault.name if strike else "" for strike in strikes]


def turns(number: int) -> list[Opportunity]:
    return [Opportunity("turn", number=turn) for turn in range(1, number + 1)]


def test_a_fault_strikes_once_on_the_whole_endpoint() -> None:
    plan = FaultPlan(["rst@turn=2"])
    assert struck(plan, *turns(3), *turns(3)) == ["", "rst", "", "", "", ""]
    assert plan.is_idle


def test_times_are_counted_over_all_streams() -> None:
    plan = FaultPlan(["rst@turn=2,times=2"])
    assert struck(plan, *turns(2), *turns(2), *turns(2)) == ["", "rst", "", "rst", "", ""]


def test_a_while_begins_with_the_first_strike() -> None:
    now = Now()
    plan = FaultPlan(["http-429@open,for=60"], now=now)
    now.s = 1000.0
    assert struck(plan, OPEN) == ["http-429"]
    now.s = 1059.9
    assert struck(plan, OPEN) == ["http-429"]
    now.s = 1060.0
    assert struck(plan, OPEN) == [""]
    assert plan.is_idle


def test_one_opportunity_is_struck_by_one_fault_in_the_order_of_the_plan() -> None:
    plan = FaultPlan(["http-429@open", "http-403@open", "no-headers@open"])
    assert struck(plan, OPEN, OPEN, OPEN, OPEN) == ["http-429", "http-403", "no-headers", ""]


def test_a_point_without_a_number_is_any() -> None:
    plan = FaultPlan(["rst@turn"])
    assert struck(plan, Opportunity("tool"), Opportunity("turn", number=7), *turns(1)) == ["", "rst", ""]


def test_an_amount_of_audio_is_met_once_in_an_answer() -> None:
    plan = FaultPlan(["rst@audio=2:300,times=5"])
    chunks = [(-1, 0), (0, 240), (240, 320), (320, 400)]
    opportunities = [Opportunity("audio", number=2, after=after, until=until) for after, until in chunks]
    assert struck(plan, *opportunities) == ["", "", "rst", ""]


def test_the_plan_can_be_changed_while_it_runs() -> None:
    plan = FaultPlan()
    assert plan.is_idle
    first, second = plan.add("rst@open"), plan.add("mute@open")
    assert plan.remove(first)
    assert not plan.remove(first)
    assert struck(plan, OPEN) == ["mute"]
    plan.add("rst@open,times=9")
    plan.clear()
    assert struck(plan, OPEN) == [""]
    assert [fired.planned for fired in plan.fired] == [second]


def test_a_wrong_text_leaves_the_plan_as_it_was() -> None:
    plan = FaultPlan()
    with pytest.raises(SettingsError):
        plan.add("rst@nowhere")
    assert plan.is_idle
    assert plan.as_json() == {"faults": [], "fired": []}


def test_the_plan_as_json_says_what_is_to_come_and_what_has_struck() -> None:
    plan = FaultPlan(["rst@turn=2", "http-429@open,times=3"], now=lambda: 4.0)
    plan.strike(OPEN)
    plan.strike(Opportunity("turn", number=2), stream="s")
    rst, refusal = plan.as_json()["faults"]
    assert (rst["id"], rst["fault"], rst["fired"], rst["times"], rst["spent"]) == (1, "rst@turn=2", 1, 1, True)
    assert (refusal["fired"], refusal["times"], refusal["spent"]) == (1, 3, False)
    assert plan.as_json()["fired"] == [
        {"planned": 2, "fault": "http-429", "point": "open", "at_s": 4.0, "stream": ""},
        {"planned": 1, "fault": "rst", "point": "turn=2", "at_s": 4.0, "stream": "s"},
    ]


def test_who_listens_hears_of_what_is_added_until_it_stops() -> None:
    plan, heard = FaultPlan(), list[int]()
    stop = plan.subscribe(lambda planned: heard.append(planned.number))
    plan.add("rst@now")
    stop()
    plan.add("rst@now")
    assert heard == [1]


def mixed(text: str) -> list[str]:
    return struck(FaultPlan([text]), *turns(200))


def test_the_same_seed_draws_the_same_faults() -> None:
    assert mixed("mix:7@turn,chance=0.2") == mixed("mix:7@turn,chance=0.2")
    assert mixed("mix:7@turn,chance=0.2") != mixed("mix:8@turn,chance=0.2")


def test_a_mix_strikes_about_as_often_as_its_chance_says_and_goes_on() -> None:
    names = Counter(mixed("mix:7@turn,chance=0.2"))
    assert 20 <= 200 - names[""] <= 60
    assert len(names) > 10


def test_a_mix_keeps_to_its_names_and_to_what_can_strike_there() -> None:
    assert set(mixed("mix:7@turn,chance=0.5,names=rst|tcp-cut|http-429")) == {"", "rst", "tcp-cut"}


def test_a_mix_at_any_point_takes_connections_requests_answers_and_tools_alone() -> None:
    plan, number = FaultPlan(["mix:7@any,chance=1"]), count(1)
    kinds = ["connect", "open", "event", "turn", "audio", "tool", "seconds"]
    met = struck(plan, *(Opportunity(kind, number=next(number)) for kind in kinds))
    assert [bool(name) for name in met] == [True, True, False, True, True, True, False]


def test_chance_spares_the_same_opportunities_every_time() -> None:
    text = "rst@turn,chance=0.1"
    assert mixed(text).index("rst") == mixed(text).index("rst")
    assert Counter(mixed(text))["rst"] == 1
