"""Brains by name."""

from __future__ import annotations

import pytest

from nova_agent.errors import ContentInvalid, SettingsError
from nova_agent.localsonic.brain import (
    BRAIN_NAMES,
    Conversation,
    DifficultBrain,
    EchoBrain,
    RulesBrain,
    Say,
    ScriptedBrain,
    UserSaid,
    make_brain,
)


def test_each_name_gives_its_brain(tmp_path):
    script = tmp_path / "script.yaml"
    script.write_text("[]")
    scripts = {"scripted": script}
    made = [type(make_brain(name, script=scripts.get(name))()) for name in BRAIN_NAMES]
    assert made == [RulesBrain, ScriptedBrain, DifficultBrain, EchoBrain]


def test_every_stream_gets_a_brain_of_its_own():
    make = make_brain("rules")
    assert make() is not make()


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(SettingsError, match=r"'claude'.*rules, scripted, difficult, echo"):
        make_brain("claude")


def test_a_script_is_demanded_and_checked_at_once(tmp_path):
    with pytest.raises(SettingsError, match="needs a script"):
        make_brain("scripted")
    with pytest.raises(ContentInvalid, match="missing"):
        make_brain("scripted", script=tmp_path / "missing.yaml")


@pytest.mark.parametrize("name", ["rules", "echo", "difficult", "my_brain:Brain"])
def test_a_script_for_another_brain_is_refused(tmp_path, name):
    with pytest.raises(SettingsError, match=f"{name}.*follows no script"):
        make_brain(name, script=tmp_path / "script.yaml")


async def test_the_echo_repeats_what_it_heard():
    conversation = Conversation(items=[UserSaid("Good morning.")])
    assert await make_brain("echo")().act(conversation) == (Say("I heard: Good morning."),)


def test_a_brain_of_ones_own_is_imported_by_its_name() -> None:
    name = f"{EchoBrain.__module__}:{EchoBrain.__name__}"
    assert isinstance(make_brain(name)(), EchoBrain)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no_such_module:Brain", "No module named 'no_such_module'"),
        ("json:Brain", "Brain"),
        ("json:__name__", "no class or function"),
    ],
)
def test_a_brain_that_cannot_be_imported_is_named(name: str, told: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        make_brain(name)
    assert told in str(caught.value)
