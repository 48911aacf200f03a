"""The product's handoff: a whole call, with nothing replaced but the personas."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import AnyHttpUrl

from benchmarks.handoff.caller import Caller
from benchmarks.handoff.job import REGION, Job
from nova_agent.bootstrap import open_app
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import Line
from settings import Settings, load
from tests.fakes.personas import FrontDesk, TwoPersonas


async def hold_ours(job: Job, line: Line, caller: Caller) -> None:
    """Hold the call until the caller hangs up."""
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        async with open_app(_settings(job, Path(folder))) as app:
            call = replace(app, registry=TwoPersonas()).new_call(FrontDesk.NAME)
            call.record.subscribe(
                lambda event: caller.on_said(event["text"]) if event["event"] == "turn.agent" else None
            )
            talking = asyncio.create_task(caller.talk(call.type_text))
            await place_call(call, line)
            await talking


def _settings(job: Job, folder: Path) -> Settings:
    settings = load()
    there = {"endpoint_url": AnyHttpUrl(job.endpoint_url), "ca_bundle": Path(job.ca_bundle), "region": REGION}
    return settings.model_copy(
        update={
            "sonic": settings.sonic.model_copy(update=there),
            "store": settings.store.model_copy(update={"url": f"sqlite+aiosqlite:///{folder}/nova.db"}),
            "record": settings.record.model_copy(update={"directory": folder / "calls"}),
        }
    )
