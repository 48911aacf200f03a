"""The guide to recordings describes every option and every kind of line, and its lines can be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nova_agent.localsonic.recording.entries import KINDS
from nova_agent.localsonic.recording.reader import read_recording
from tests.unit.docs.commands import command_named
from tests.unit.docs.pages import blocks, code_in, guide, table

PAGE = guide("local-sonic-recordings")


@pytest.mark.parametrize("command", ["record", "replay"])
def test_every_option_is_described(command: str) -> None:
    section = PAGE[PAGE.index(f"## {command.capitalize()}") :]
    parameters = [parameter for parameter in command_named("sonic", command).params if parameter.opts[0][:1] == "-"]
    options = {name for parameter in parameters for name in parameter.opts} - {"--help"}
    assert table(section, "option").keys() == options


def test_every_kind_of_line_is_described() -> None:
    described = table(PAGE, "key")
    assert list(described) == list(KINDS)
    assert {code for direction, _ in described.values() for code in code_in(direction)} == {"out"}


def test_its_lines_are_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    path.write_text("".join(blocks(PAGE, "json")), encoding="utf-8")
    recording = read_recording(path)
    assert recording.header.model_id == "amazon.nova-2-sonic-v1:0"
    assert len(recording.entries) == 5
    assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
