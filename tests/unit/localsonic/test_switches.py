"""The table of switches: names, values, and messages about wrong ones."""

from __future__ import annotations

import pytest

from nova_agent.errors import SettingsError
from nova_agent.localsonic.switches import SWITCH_NAMES, Switches, allowed_values


def test_texts_set_switches_and_leave_the_others() -> None:
    switches = Switches.parse(["completion-per-turn=true", "concurrent_streams=2", "final_text=missing"])
    assert switches.changed() == {"completion_per_turn": True, "concurrent_streams": 2, "final_text": "missing"}


@pytest.mark.parametrize("name", SWITCH_NAMES)
def test_every_switch_takes_each_of_its_values(name: str) -> None:
    for value in allowed_values(name) or ("0", "7"):
        assert str(getattr(Switches.parse([f"{name}={value}"]), name)).lower() == value.lower()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("final_txt=missing", "Did you mean 'final_text'?"),
        ("final_text", "final_text=value, with one of: played"),
        ("version-1", "names a switch and no value"),
        ("concurrent_streams", "a whole number"),
        ("final_text=late", "played, next-input, missing"),
        ("completion_per_turn=yes", "true, false"),
        ("concurrent_streams=-1", "whole number"),
    ],
)
def test_a_wrong_text_is_named_with_what_may_stand_there(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match="switch") as caught:
        Switches.parse([text])
    assert told in str(caught.value)
