"""Every command and every option explains itself, and explaining costs no heavy import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from nova_agent.cli import app

HEAVY = ("livekit", "boto3", "sqlalchemy", "numpy", "onnxruntime", "pydantic")


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command, groups included, with the words that lead to it."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


ALL = dict(commands(typer.main.get_command(app)))


def test_there_are_the_commands_that_there_should_be() -> None:
    assert {path[0] for path in ALL if path} >= {"call", "calls", "demo", "doctor", "personas", "scenarios", "sonic"}
    assert ("calls", "show") in ALL


@pytest.mark.parametrize("path", list(ALL), ids=lambda path: " ".join(path) or "nova-agent")
def test_a_command_and_its_options_have_help(path: tuple[str, ...]) -> None:
    command = ALL[path]
    assert getattr(command, "help", None), path
    for parameter in getattr(command, "params", []):
        assert getattr(parameter, "help", None), f"{path}: {parameter.name}"


@pytest.mark.parametrize("path", list(ALL), ids=lambda path: " ".join(path) or "nova-agent")
def test_the_help_that_is_shown_has_lost_nothing_to_markup(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "400"})
    assert result.exit_code == 0
    for parameter in getattr(ALL[path], "params", []):
        shown_default = getattr(parameter, "show_default", None)
        assert str(getattr(parameter, "help", "")) in result.output
        if isinstance(shown_default, str):
            assert shown_default in result.output


def test_help_imports_nothing_that_takes_long() -> None:
    program = f"import sys, nova_agent.cli; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == []
