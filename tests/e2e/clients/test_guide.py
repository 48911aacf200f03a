"""The programs that the guide shows, run as they are in the environment that the guide describes."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from tests.e2e.clients.conftest import client_environment, require
from tests.e2e.clients.programs import CLIENTS, PROGRAMS

LIMIT_S: Final = 60.0
SHOWN: Final = {
    "python-sdk": (sys.executable, "python_sdk/ask.py"),
    "node": ("node", "node/ask.mjs"),
    "java": ("java", "-cp", "java/target/client.jar:java/target/lib/*", "Ask"),
}


@pytest.mark.parametrize("name", SHOWN)
async def test_a_program_prints_the_answer_and_ends(name: str, tmp_path: Path) -> None:
    require(next(program for program in PROGRAMS if program.name == name))
    async with LocalSonic(LocalSonicConfig(ca_dir=tmp_path)) as sonic:
        asking = await asyncio.create_subprocess_exec(
            *SHOWN[name],
            cwd=CLIENTS,
            env={**os.environ, **await client_environment(sonic)},
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            printed, _ = await asyncio.wait_for(asking.communicate(), LIMIT_S)
        finally:
            if asking.returncode is None:
                asking.kill()
                await asking.wait()
    assert asking.returncode == 0
    assert printed.decode().strip() == "I heard: Hello there."
