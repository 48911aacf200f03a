"""``python -m benchmarks.streams``: how late answers get when many streams are open, and what each costs."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import numpy as np
import psutil  # type: ignore[import-untyped]  # ships no types
import typer
import yaml
from pydantic import TypeAdapter

from benchmarks.callers import CallersJob, CallersRun
from benchmarks.load_tables import Level, cost_table, markdown, parts_table, stage_table, wait_tables
from benchmarks.loaded_endpoint import EndpointCost, Served
from benchmarks.machine import this_machine
from benchmarks.pipes import line_of, module_process, tell
from nova_agent.localsonic.mouth import HibariMouth
from nova_agent.localsonic.voices import BRIGHT, DEEP

_START_LIMIT_S: Final = 60.0
_ANSWER_LIMIT_S: Final = 60.0
_SLACK_S: Final = 90.0
_STEPS: Final = 400
_SPOKEN: Final = (
    "I would like to book a table.",
    "Tomorrow evening at seven.",
    "There will be four of us.",
    "My name is Anna Miller.",
    "Yes, that is right.",
    "Could you say that again?",
    "No, the other one, please.",
    "Thank you very much.",
)
_ANSWERED: Final = (
    "Certainly. For which day would that be?",
    "Thank you. And how many people will come?",
    "I have written that down. Is there anything else?",
    "Could you tell me your name, please?",
)


def command(
    *,
    streams: Annotated[str, typer.Option(help="How many at once, one level after the other.")] = "1,10,50",
    seconds: Annotated[float, typer.Option(min=5, help="How long each level lasts.")] = 100.0,
    ears: Annotated[str, typer.Option(help="script, moonshine, or both: who says what was heard.")] = "script",
    seed: Annotated[int, typer.Option(help="Draws what callers say, and when.")] = 1,
    profile: Annotated[bool, typer.Option(help="Take one more run of the highest level with stack samples.")] = True,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON instead of Markdown.")] = False,
) -> None:
    """Measure Local Sonic under load, offline and in real time."""
    counts = [int(part) for part in streams.split(",")]
    kinds = ("script", "moonshine") if ears == "both" else (ears,)
    machine = this_machine()
    levels, sampled = asyncio.run(_measure(counts, seconds, kinds, seed, profile=profile))
    if json_output:
        found = [asdict(level) for level in (*levels, *sampled)]
        print(json.dumps({"machine": asdict(machine), "levels": found}))
        return
    print(machine.sentence())
    for table in (*wait_tables(levels), stage_table(levels), cost_table(levels), *map(parts_table, sampled)):
        print(f"\n{markdown(table)}")


async def _measure(
    counts: Sequence[int], seconds: float, kinds: Sequence[str], seed: int, *, profile: bool
) -> tuple[list[Level], list[Level]]:
    levels: list[Level] = []
    sampled: list[Level] = []
    with TemporaryDirectory(prefix="nova-benchmarks-") as folder:
        speech = Path(folder) / "speech.npz"
        await _record(speech)
        for kind in kinds:
            script = _write_script(Path(folder) / f"{kind}.yaml", supplies_words=kind == "script")
            for streams in counts:
                print(f"{streams} streams, words from {kind} …", file=sys.stderr)
                levels.append(await _level(script, speech, streams, seconds, kind, seed))
            if profile:
                sampled.append(await _level(script, speech, max(counts), seconds, kind, seed, sampled=True))
    return levels, sampled


async def _record(path: Path) -> None:
    """Speak every utterance of the callers into a file, in two voices."""
    mouth = HibariMouth()
    await mouth.load()
    spoken = [
        np.frombuffer(await mouth.speak(text, voice=voice, rate_hz=16_000), "<i2")
        for text in _SPOKEN
        for voice in (DEEP, BRIGHT)
    ]
    await mouth.aclose()
    np.savez(path, *spoken)


def _write_script(path: Path, *, supplies_words: bool) -> Path:
    words = {"hear": _SPOKEN[0]} if supplies_words else {}
    steps = [
        {**words, "expect": {"said": "."}, "emit": [{"say": _ANSWERED[number % len(_ANSWERED)]}]}
        for number in range(_STEPS)
    ]
    path.write_text(yaml.safe_dump(steps), encoding="utf-8")
    return path


async def _level(
    script: Path, speech: Path, streams: int, seconds: float, ears: str, seed: int, *, sampled: bool = False
) -> Level:
    async with module_process(
        "benchmarks.loaded_endpoint", str(script), *(["--sampled"] if sampled else [])
    ) as endpoint:
        served = TypeAdapter(Served).validate_json(await line_of(endpoint, _START_LIMIT_S))
        job = CallersJob(served.endpoint_url, served.ca_bundle, speech, streams, seconds, seed)
        async with module_process("benchmarks.callers") as callers:
            assert callers.stdin is not None  # noqa: S101 – asked for
            callers.stdin.write(TypeAdapter(CallersJob).dump_json(job))
            callers.stdin.write_eof()
            await line_of(callers, _START_LIMIT_S)
            await _cost(endpoint)
            busy_before_s = _busy_s()
            await line_of(callers, seconds + _SLACK_S)
            cost = await _cost(endpoint)
            busy_s = _busy_s() - busy_before_s
            run = TypeAdapter(CallersRun).validate_json(await line_of(callers, _SLACK_S))
    for failure in run.failures:
        print(f"a stream failed: {failure}", file=sys.stderr)
    return Level(streams, ears, run, cost, 100 * (busy_s - cost.cpu_s - run.cpu_s) / cost.wall_s)


def _busy_s() -> float:
    """CPU seconds that the whole machine has used, stolen ones included."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait)


async def _cost(endpoint: asyncio.subprocess.Process) -> EndpointCost:
    tell(endpoint, b"")
    return TypeAdapter(EndpointCost).validate_json(await line_of(endpoint, _ANSWER_LIMIT_S))


if __name__ == "__main__":
    typer.run(command)
