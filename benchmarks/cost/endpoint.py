"""A Local Sonic for many callers: ``python -m benchmarks.cost.endpoint`` prints where it listens, and serves.

Its ears and mouth cost next to nothing, so that 40 calls leave it time. Every question gets the same answer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pydantic import TypeAdapter

from benchmarks.faults.speech import ClipEars
from benchmarks.faults.tones import tone
from benchmarks.loaded_endpoint import Served
from nova_agent.localsonic.brain.port import Action, Conversation, Say, UserSaid
from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.server import LocalSonic
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.voices import Voice
from nova_agent.log import configure_logging

SENTENCE_S: Final = 1.6
ANSWER: Final = "That has been written down. What comes next?"
ANSWER_S: Final = 2 * SENTENCE_S


class LongMouth:
    """Says every sentence as a tone of 1.6 s."""

    async def load(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    async def speak(self, text: str, *, voice: Voice, rate_hz: int) -> bytes:
        return tone(1, rate_hz, round(SENTENCE_S * 1000)).tobytes()


class PatBrain:
    """Has one answer."""

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        return (Say(ANSWER),) if isinstance(conversation.items[-1], UserSaid) else ()


async def _serve() -> None:
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        config = LocalSonicConfig(ca_dir=Path(folder), switches=Switches(concurrent_streams=0))
        async with LocalSonic(config, brain_factory=PatBrain, ears=ClipEars({}), mouth=LongMouth()) as sonic:
            print(TypeAdapter(Served).dump_json(Served(sonic.endpoint_url, sonic.ca_bundle)).decode(), flush=True)
            await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", type=int, help="the only core to run on")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    configure_logging("error", json=False)
    asyncio.run(_serve())


if __name__ == "__main__":
    main()
