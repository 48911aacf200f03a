"""The call of ``nova-agent demo``: held, transcribed back, and shown with the rows it left."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import JsonValue
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nova_agent.call import Call
from nova_agent.cli.extras import local_parts
from nova_agent.cli.live import LiveTranscript
from nova_agent.cli.places import record_folder
from nova_agent.log import configure_logging
from nova_agent.simulate.caller import Said
from nova_agent.simulate.scenario import ScenarioResult
from nova_agent.simulate.script import Script, load_script
from nova_agent.store import Answer, open_stores
from settings import Settings, load, masked

with local_parts("The demo"):
    from nova_agent.simulate.local_speech import caller_parts
    from nova_agent.simulate.runner import local_app, run_against
    from nova_agent.simulate.transcribe import RecordingWords, channel_word_error_rates

SCRIPT: Final = Path(__file__).parent.parent / "simulate" / "demo.yaml"
WORST_WORD_ERROR_RATE: Final = 0.25


@dataclass(frozen=True)
class Outcome:
    """What one demo call left behind."""

    result: ScenarioResult
    words: RecordingWords
    answers: list[Answer]
    record: Path
    recording: Path


def hold_demo(speed: float, console: Console) -> bool:
    """Hold the demo call and show what came of it; returns whether all went as it should.

    Raises:
        NovaError: something is wrong that keeps the call from being placed at all.
    """
    settings = load()
    configure_logging("error", json=False)
    record_folder(settings.record.directory)
    script = load_script(SCRIPT).model_copy(update={"speed": speed})
    console.print(
        "[bold]A caller phones the survey persona.[/] Both sides speak and listen for real, on this machine.\n"
    )
    outcome = asyncio.run(_demo(settings, script, console))
    _print(outcome, settings, console)
    worst = max(outcome.words.caller.word_error_rate, outcome.words.agent.word_error_rate)
    if worst > WORST_WORD_ERROR_RATE:
        console.print(f"[red]A channel's word error rate is over {WORST_WORD_ERROR_RATE:.0%}.[/]")
    return outcome.result.passed and worst <= WORST_WORD_ERROR_RATE


async def _demo(settings: Settings, script: Script, console: Console) -> Outcome:
    paths: list[Path] = []
    recording = settings.record.directory / "demo.wav"
    with console.status("loading ears, voices and database …") as status:
        async with caller_parts() as parts, local_app(settings, speed=script.speed) as app:
            status.update("the call is on …")
            live = LiveTranscript(console, speed=script.speed)

            def on_call(call: Call) -> None:
                paths.append(call.record.path)
                call.record.subscribe(live)

            result = await run_against(app, script, parts, recording=recording, on_call=on_call)
            status.update("transcribing the recording …")
            said = [entry.text for entry in result.conversation if isinstance(entry, Said)]
            words = await channel_word_error_rates(recording, said, result.agent_said, parts.ears)
    kept = recording.with_name(f"{paths[0].stem}.wav") if paths else recording
    recording.replace(kept)
    return Outcome(result, words, await _answers(settings, result.call_id), paths[0] if paths else Path(), kept)


async def _answers(settings: Settings, call_id: str | None) -> list[Answer]:
    stores = await open_stores(settings.store.url)
    try:
        runs = await stores.surveys.runs_of_call(call_id or "")
        return [answer for run in runs for answer in await stores.surveys.answers(run.id, include_superseded=True)]
    finally:
        await stores.close()


def _print(outcome: Outcome, settings: Settings, console: Console) -> None:
    table = Table(
        "question", "value", "the caller's words", "", title="\nAnswers in the database", title_justify="left"
    )
    for answer in outcome.answers:
        note = "superseded" if answer.superseded_at else ("skipped" if answer.status == "skipped" else "")
        row = (answer.question_id, _shown(answer.value), escape(answer.words or ""), note)
        table.add_row(*row, style="dim" if note else None)
    console.print(table)
    caller, agent = outcome.words.caller, outcome.words.agent
    console.print("\n[bold]The recording, transcribed back[/] (word error rate after normalising numbers)")
    console.print(f"  caller {caller.word_error_rate:6.1%} of {len(caller.said.split())} words")
    console.print(f"  agent  {agent.word_error_rate:6.1%} of {len(agent.said.split())} words")
    console.print("\n[bold]Look further[/]")
    for name, where, note in (
        ("record", outcome.record, "   (nova-agent calls show last)"),
        ("recording", outcome.recording, "   (left: caller, right: agent)"),
        ("database", masked(settings.store.url.partition(":///")[2] or settings.store.url), ""),
    ):
        console.print(f"  {name:<10} {escape(str(where))}{note}", soft_wrap=True)
    if not outcome.result.passed:
        console.print("\n[red]The call did not go as it should:[/]")
        for finding in (outcome.result.failure, *outcome.result.findings):
            if finding:
                console.print(f"  {escape(finding)}", soft_wrap=True)


def _shown(value: JsonValue) -> str:
    """A value as people write it."""
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else escape(str(value))
