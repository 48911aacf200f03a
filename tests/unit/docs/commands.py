"""The command line, as tests look into it."""

from __future__ import annotations

import shlex
from typing import Any

import typer.main

from nova_agent.cli import app


def command_named(*path: str) -> Any:
    """The command, or the group, at this place of the tree."""
    command: Any = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]
    return command


def problem_with(line: str) -> str | None:
    """What is wrong with a ``nova-agent`` command line, or None; nothing is run."""
    _program, *words = shlex.split(line.replace("…", ""), comments=True)
    command, path = command_named(), list[str]()
    while hasattr(command, "commands") and words:
        if words[0] not in command.commands:
            return f"there is no command {' '.join((*path, words[0]))!r}"
        path.append(words.pop(0))
        command = command.commands[path[-1]]
    try:
        command.make_context(" ".join(path), list(words), resilient_parsing=not words)
    except Exception as error:  # noqa: BLE001 – every refusal of the parser is a finding
        return f"{type(error).__name__}: {error}"
    return None
