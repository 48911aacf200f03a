"""Holds every call that was asked for, a few at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.faults.cells import CallFailed, CallHeld, Studio
from benchmarks.faults.clips import record_clips
from benchmarks.faults.columns import Column
from benchmarks.faults.report import Report
from benchmarks.faults.rows import Row
from nova_agent.errors import SonicError
from nova_agent.localsonic.verdicts import Profile


@dataclass(frozen=True, slots=True)
class Measurement:
    """``runs`` calls of each cell, ``at_once`` side by side. ``tell`` is given a line for each call that is over."""

    turns: int
    runs: int
    at_once: int
    profile: Profile
    logs: Path | None
    tell: Callable[[str], None]

    async def run(self, cells: Sequence[tuple[Row, Column]], report: Report) -> None:
        """Hold the calls of these cells in their order, and enter each in the report in place of earlier ones.

        A client that brings no result back, or an endpoint that cannot start, leaves its cell empty.

        Raises:
            MissingExtra: a package of Local Sonic is not installed.
        """
        places, began = asyncio.Semaphore(self.at_once), time.monotonic()
        with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
            studio = Studio(Path(folder) / "clips.npz", self.turns, self.profile, self.logs)
            await record_clips(studio.clips, self.turns)

            async def hold(row: Row, column: Column, run: int) -> None:
                async with places:
                    outcome = await self._held(studio, row, column, run, report)
                self.tell(f"{time.monotonic() - began:5.0f} s  {row.name}, {column.name}: {outcome}")

            async with asyncio.TaskGroup() as tasks:
                for row, column in cells:
                    report.forget(row, column)
                    for run in range(1, 1 + self.runs):
                        tasks.create_task(hold(row, column, run))

    async def _held(self, studio: Studio, row: Row, column: Column, run: int, report: Report) -> str:
        try:
            call = await studio.hold_call(row, column, run)
        except (CallFailed, SonicError) as error:
            return str(error)
        report.enter(row, column, call)
        return _outcome(call)


def _outcome(call: CallHeld) -> str:
    turns = call.seen.turns
    lost = sum(turn.silence_ms is None for turn in turns)
    return f"{len(turns)} asked, {lost} lost; {call.seen.ended}"
