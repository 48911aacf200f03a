"""The client programs of ``tests/clients``: how each is started, and what it needs."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[3]
CLIENTS: Final = ROOT / "tests" / "clients"
PREPARED: Final = ROOT / ".cache" / "clients"
JAVA: Final = CLIENTS / "java" / "target"
LIMIT_S: Final = 60.0
"""More than the limit that a program keeps itself to."""


@dataclass(frozen=True, slots=True)
class Program:
    """A client. ``command`` is run in ``tests/clients``; ``needs`` must exist, and ``make clients`` makes it.

    ``tells_the_end``: a caller of it learns of completionEnd and END_STREAM. ``in_ci``: CI prepares it.
    """

    name: str
    command: tuple[str, ...]
    needs: Path
    tells_the_end: bool = True
    in_ci: bool = True

    @property
    def missing(self) -> str | None:
        """What it takes to run this client here, or ``None``."""
        if shutil.which(self.command[0]) is None or not self.needs.exists():
            return f'{self.name} needs {self.needs.relative_to(ROOT)}, which "make clients" makes'
        return None

    async def run(self, *arguments: str | Path, environment: Mapping[str, str]) -> dict[str, Any]:
        """Run to the end and return the JSON that it prints.

        Raises:
            ClientFailed: it ended with an error, or not at all.
        """
        process = await asyncio.create_subprocess_exec(
            *self.command,
            *map(str, arguments),
            cwd=CLIENTS,
            env={**os.environ, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, errors = await asyncio.wait_for(process.communicate(), LIMIT_S)
        except TimeoutError as error:
            process.kill()
            errors = (await process.communicate())[1]
            raise ClientFailed(self.name, f"did not end within {LIMIT_S:.0f} s", errors) from error
        if process.returncode:
            raise ClientFailed(self.name, f"ended with exit code {process.returncode}", errors)
        seen: dict[str, Any] = json.loads(out.splitlines()[-1])
        return seen


class ClientFailed(AssertionError):
    """A client did not do its part; the message has what it wrote on stderr."""

    def __init__(self, name: str, what: str, errors: bytes) -> None:
        super().__init__(f"{name} {what}; it wrote:\n{errors.decode(errors='replace')[-4000:]}")


def _python(folder: str) -> str:
    return str(PREPARED / folder / "bin" / "python")


PROGRAMS: Final = (
    Program("python-sdk", (sys.executable, "-m", "python_sdk"), Path(sys.executable)),
    Program("python-sdk-0.0.1", (_python("python-sdk-0.0.1"), "-m", "python_sdk"), PREPARED / "python-sdk-0.0.1"),
    Program("livekit", (sys.executable, "-m", "livekit_plugin"), Path(sys.executable), tells_the_end=False),
    Program("node", ("node", "node/client.mjs"), CLIENTS / "node" / "node_modules"),
    Program("java", ("java", "-cp", "java/target/client.jar:java/target/lib/*", "Client"), JAVA / "lib", in_ci=False),
    Program("pipecat", (_python("pipecat"), "-m", "pipecat_service"), PREPARED / "pipecat", tells_the_end=False),
)
