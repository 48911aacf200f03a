"""The command line under test, in a process and in this one."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from nova_agent.cli import main
from tests.fakes.command import Command, Ran


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Local Sonic keeps its certificate authority; making one takes a while."""
    return tmp_path_factory.mktemp("authority")


@pytest.fixture
def nova(tmp_path: Path, authority: Path) -> Command:
    """``nova-agent`` as a process, in a new folder."""
    return Command(tmp_path, authority)


@pytest.fixture
def nova_here(
    nova: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ran]]:
    """``nova-agent`` in this process, which spares seconds of imports; in the folder of ``nova``."""
    environment = nova.environment()
    for name in set(os.environ) - set(environment):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(nova.folder)

    def run(*arguments: str | Path, typed: str = "") -> Ran:
        reading, writing = os.pipe()
        os.write(writing, typed.encode())
        os.close(writing)
        monkeypatch.setattr(sys, "argv", ["nova-agent", *map(str, arguments)])
        with os.fdopen(reading) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            with pytest.raises(SystemExit) as exited:
                main()
        captured = capsys.readouterr()
        return Ran(int(exited.value.code or 0), captured.out, captured.err)

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
