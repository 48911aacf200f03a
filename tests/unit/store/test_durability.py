"""An answer that the caller was told is noted survives the process."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from nova_agent.store import open_stores

RECORD_AND_WAIT = """
import asyncio, sys
from datetime import UTC, datetime
from nova_agent.store import CallRow, open_stores

async def main():
    now = datetime.now(UTC)
    stores = await open_stores(sys.argv[1])
    await stores.calls.start(CallRow("c1", "survey", now))
    run = await stores.surveys.start_run(
        call_id="c1", survey_id="coffee", survey_version="1", caller_identity="me", started_at=now
    )
    await stores.surveys.record_answer(run.id, "q1", position=1, value=7, words="a seven", recorded_at=now)
    print("recorded", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def record_an_answer_and_die(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", RECORD_AND_WAIT, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recorded\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=30) == -signal.SIGKILL


async def test_a_recorded_answer_survives_kill_9(file: Path) -> None:
    url = f"sqlite+aiosqlite:///{file}"
    await asyncio.to_thread(record_an_answer_and_die, url)
    stores = await open_stores(url)
    run = await stores.surveys.paused_run("me", "coffee")
    assert run is not None
    assert [(row.value, row.words) for row in await stores.surveys.answers(run.id)] == [(7, "a seven")]
    await stores.close()
