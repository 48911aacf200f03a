"""One call to the product: ``python -m benchmarks.faults.product_call`` does the job on its standard input.

What the caller hears when a fault lasts is the call's doing and not the model's: this is the product's own call, with
its recordings, its record and its way to end. Its one persona answers questions as the other columns' agents do.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from livekit.agents import function_tool

from benchmarks.faults.caller import Caller, CallSeen
from benchmarks.faults.clips import load_clips
from benchmarks.faults.job import INSTRUCTIONS, Job, do_job
from benchmarks.faults.livekit_call import LinePhone
from benchmarks.faults.models import REGION, product_model
from nova_agent.call import Call, CallParts, CallRequest
from nova_agent.calllog import CallRecord, Redactor
from nova_agent.messages import Messages, load_messages
from nova_agent.persona import Persona
from nova_agent.registry import PersonaRegistry
from nova_agent.reply import ToolReply
from nova_agent.simulate.line import Line
from nova_agent.simulate.pcm import Pcm
from nova_agent.sonic import SonicCredentials, StreamQuotas
from nova_agent.store import open_stores
from nova_agent.userdata import UserData


class Answering(Persona):
    """Looks answers up, and counts how often it does for each question."""

    NAME = "answering"
    runs: ClassVar[Counter[int]] = Counter()
    instructions_path: ClassVar[Path]

    @classmethod
    async def opening(cls, userdata: UserData) -> ToolReply:
        return ToolReply(status="ok", say="Ask your questions.")

    @classmethod
    def instructions_file(cls) -> Path:
        return cls.instructions_path

    @function_tool
    async def look_up(self, number: int) -> str:
        """Look the answer up.

        Args:
            number: The number of the question.
        """
        self.runs[number] += 1
        return json.dumps({"number": number})


class OnePersona(PersonaRegistry):
    """A registry of that persona."""

    def __init__(self) -> None:
        """Know it."""

    def names(self) -> list[str]:
        return [Answering.NAME]

    def get(self, name: str) -> type[Persona]:
        return Answering


class Recording:
    """Keeps what was heard of the agent, to find the messages in it."""

    def __init__(self) -> None:
        self._heard = bytearray()

    def hear(self, _start_ms: float, pcm: Pcm) -> None:
        self._heard += pcm.tobytes()

    def counted(self, messages: Messages) -> dict[str, int]:
        """How often each message was heard from its first to its last sample."""
        counts = {name: self._heard.count(message.pcm) for name, message in messages.items()}
        return {name: count for name, count in counts.items() if count}


async def call(job: Job, tell: Callable[[CallSeen], None]) -> None:
    """Hold the call, tell what was seen, take the agent down."""
    line, recording, messages = Line(), Recording(), load_messages()
    phone = LinePhone(line)
    phone.listen(recording.hear)
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        stores = await open_stores(f"sqlite+aiosqlite:///{folder}/calls.db")
        Answering.instructions_path = Path(folder) / "instructions.md"
        Answering.instructions_path.write_text(INSTRUCTIONS, encoding="utf-8")
        credentials, quotas = SonicCredentials(), StreamQuotas(1 if job.quota_used else 0)
        taken = quotas.of(REGION).acquire() if job.quota_used else None
        parts = CallParts(
            stores=stores,
            registry=OnePersona(),
            new_record=lambda call_id: CallRecord.create(Path(folder), call_id, redactor=Redactor()),
            new_model=partial(product_model, job, credentials, quotas),
            ready=partial(_resolve, credentials),
            clock=lambda: datetime.now(UTC),
            messages=messages,
        )
        held = Call(CallRequest(persona=Answering.NAME), parts)
        carrying = asyncio.create_task(line.run())
        calling = asyncio.create_task(held.run(audio_input=line.input, audio_output=line.output))
        calling.add_done_callback(partial(_on_over, phone, held))
        seen = await Caller(phone, load_clips(job.clips_path), job.patience).run(job.turns)
        seen.tool_runs = dict(Answering.runs)
        seen.messages = recording.counted(messages)
        tell(seen)
        held.hang_up()
        await asyncio.gather(calling, return_exceptions=True)
        line.hang_up()
        await carrying
        await stores.close()
        if taken is not None:
            taken.release()


async def _resolve(credentials: SonicCredentials) -> None:
    await credentials.get_identity()


def _on_over(phone: LinePhone, held: Call, calling: asyncio.Task[Any]) -> None:
    if calling.cancelled():
        phone.ended = "cancelled"
    elif (error := calling.exception()) is not None:
        phone.ended = f"{type(error).__name__}: {error}"
    else:
        cause = held.record.summarize().cause
        phone.ended = f"{calling.result()} ({cause})" if cause else calling.result()


if __name__ == "__main__":
    do_job(call)
