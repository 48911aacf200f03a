"""The endurance measurements in small: each meets all of its conditions, or prints which it does not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT_S = 150.0


@pytest.mark.parametrize(
    "command",
    [
        "benchmarks.long_call --minutes 1 --speed 5 --stream-limit-s 40",
        "benchmarks.soak --calls 12 --at-once 6 --seed 3",
    ],
)
async def test_nothing_is_lost_and_nothing_is_left(command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command.split()),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            found, told = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, f"{found.decode()}\n{told.decode()[-2000:]}"
