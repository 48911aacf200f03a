"""The ``nova-agent`` command as a user runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from nova_agent.store import Stores, open_stores

LIMIT_S = 90.0
"""Far more than any command under test needs."""

_FOREIGN = ("NOVA_", "AWS_")


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    exit_code: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """Runs ``nova-agent`` in ``folder``, where database and records go by default; ``authority`` may be shared."""

    folder: Path
    authority: Path

    @property
    def records(self) -> Path:
        return self.folder / "data" / "calls"

    def environment(self, **changes: str) -> dict[str, str]:
        """The machine's, without its settings and credentials, and wide enough that no line is wrapped."""
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_FOREIGN)}
        return kept | {"COLUMNS": "300", "NOVA_LOCAL__CA_DIRECTORY": str(self.authority)} | changes

    def run(self, *arguments: str | Path, typed: str = "", **environment: str) -> Ran:
        """Run to the end, with ``typed`` on standard input."""
        done = subprocess.run(
            _command(arguments),
            input=typed,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
            cwd=self.folder,
            env=self.environment(**environment),
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start, with pipes for input and output."""
        return subprocess.Popen(
            _command(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=self.folder,
            env=self.environment(),
        )

    async def open_stores(self) -> Stores:
        """The database that the command wrote."""
        return await open_stores(f"sqlite+aiosqlite:///{self.folder / 'data' / 'nova.db'}")


def _command(arguments: tuple[str | Path, ...]) -> list[str]:
    return [sys.executable, "-m", "nova_agent", *map(str, arguments)]
