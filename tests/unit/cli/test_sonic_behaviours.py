"""``nova-agent sonic behaviours``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from nova_agent.cli import app
from nova_agent.localsonic.behaviours import load_manifest
from nova_agent.localsonic.switches import SWITCH_NAMES


def run(*arguments: str, columns: int = 200) -> str:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(
        app, ["sonic", "behaviours", *arguments], catch_exceptions=False
    )
    assert result.exit_code == 0
    return result.stdout


def run_json(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(*arguments, "--json"))
    return found


def test_every_behaviour_is_listed_with_its_certainty_and_the_counts() -> None:
    text = run()
    assert all(behaviour.id in text for behaviour in load_manifest().behaviours)
    assert f"{load_manifest().counts()['unconfirmed']} unconfirmed" in text


@pytest.mark.parametrize("arguments", [(), ("--switches",)])
def test_a_narrow_terminal_cuts_no_name_off(arguments: tuple[str, ...]) -> None:
    text = run(*arguments, columns=80)
    shown = [behaviour for behaviour in load_manifest().behaviours if behaviour.switch or not arguments]
    assert all(str(behaviour.switch if arguments else behaviour.id) in text for behaviour in shown)
    assert max(map(len, text.splitlines())) <= 80


def test_it_is_said_where_the_names_of_the_tests_are() -> None:
    assert "With --json each comes with the names of its tests." in run()


def test_scripts_get_sources_and_tests() -> None:
    facts = {entry["id"]: entry for entry in run_json()}
    assert facts["end.life"]["certainty"] == "documented"
    assert facts["end.life"]["tests"]
    assert "switch" not in facts["end.life"]


def test_one_certainty_can_be_chosen() -> None:
    assert {entry["certainty"] for entry in run_json("--certainty", "measured")} == {"measured"}


def test_switches_show_their_default_and_values() -> None:
    facts = {entry["switch"]: entry for entry in run_json("--switches")}
    assert set(facts) == set(SWITCH_NAMES)
    assert (facts["late_audio"]["default"], facts["late_audio"]["allowed"]) == (
        "profile",
        ["profile", "drop", "reject"],
    )
