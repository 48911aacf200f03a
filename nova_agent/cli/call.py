"""``nova-agent call``: hold one call in this process, without a LiveKit server."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nova_agent.bootstrap import App, open_app
from nova_agent.call import Call
from nova_agent.cli.live import LiveTranscript
from nova_agent.errors import ContentInvalid, SettingsError
from nova_agent.log import configure_logging
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import Line
from nova_agent.simulate.local_speech import caller_parts
from nova_agent.simulate.recorder import StereoRecorder
from nova_agent.simulate.report import results_json
from nova_agent.simulate.runner import local_app, run_against
from nova_agent.simulate.scenario import ScenarioResult
from nova_agent.simulate.script import load_script
from settings import Settings, load


def command(
    persona: Annotated[str, typer.Argument(help="Who picks up; `nova-agent personas list` shows them.")] = "survey",
    survey: Annotated[str | None, typer.Option(help="Which survey the survey persona takes.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Any other option of the persona, as name=value.")] = None,
    caller: Annotated[Path | None, typer.Option(help="A caller's script (YAML): a synthetic caller speaks it.")] = None,
    text: Annotated[
        bool, typer.Option("--text", help="Type instead of talking. The default without --caller.")
    ] = False,
    record: Annotated[Path | None, typer.Option(help="Keep a stereo WAV: caller left, agent right.")] = None,
    speed: Annotated[float, typer.Option(min=1, max=4, help="Run input, playout and Local Sonic so much faster.")] = 1,
    aws: Annotated[bool, typer.Option("--aws", help="Use Nova Sonic on AWS instead of Local Sonic.")] = False,
    identity: Annotated[str, typer.Option(help="Who calls; a paused survey is offered to the same caller again.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end, and nothing else.")
    ] = False,
) -> None:
    """Hold one call through the real agent session, offline unless told otherwise.

    Without --caller you type the caller's side, one line a turn; an empty line or Ctrl-D hangs up.
    """
    if text and caller is not None:
        raise typer.BadParameter("give either --text or --caller, not both")
    settings = load()
    if aws and speed != 1:
        raise SettingsError(
            f"--speed {speed:g}: only Local Sonic can run faster than real time; leave it out with --aws"
        )
    configure_logging("warning" if settings.log.level == "info" else settings.log.level, json=as_json)
    options = _options(survey, option)
    console = Console(quiet=as_json, highlight=False)
    if caller is not None:
        result = asyncio.run(
            _scripted(settings, persona, options, caller, record=record, speed=speed, aws=aws, console=console)
        )
        if as_json:
            print(json.dumps(results_json([result]), default=str))
        elif not result.passed:
            console.print("\n".join(("[red]The scenario failed:[/]", result.failure or "", *result.findings)))
        raise typer.Exit(0 if result.passed else 1)
    call_id, reason = asyncio.run(
        _typed(settings, persona, options, identity, record=record, speed=speed, aws=aws, console=console)
    )
    if as_json:
        print(json.dumps({"call_id": call_id, "end_reason": reason}))


def _options(survey: str | None, given: list[str] | None) -> dict[str, str]:
    options = {"survey": survey} if survey else {}
    for item in given or []:
        name, equals, value = item.partition("=")
        if not (name and equals):
            raise ContentInvalid(f"--option {item!r}: write name=value")
        options[name] = value
    return options


@asynccontextmanager
async def app_for(settings: Settings, *, aws: bool, speed: float) -> AsyncIterator[App]:
    """Open the app on AWS, on the endpoint that the settings name, or on a Local Sonic of its own."""
    if aws or settings.sonic.endpoint_url is not None:
        async with open_app(settings) as app:
            yield app
    else:
        async with local_app(settings, speed=speed) as app:
            yield app


async def _scripted(
    settings: Settings,
    persona: str,
    options: Mapping[str, str],
    caller: Path,
    *,
    record: Path | None,
    speed: float,
    aws: bool,
    console: Console,
) -> ScenarioResult:
    script = load_script(caller)
    changes = {
        "persona": persona,
        "options": {**script.options, **options},
        "speed": speed if speed != 1 else script.speed,
    }
    script = script.model_copy(update=changes)
    with console.status("loading ears, voice and database …"):
        async with caller_parts() as parts, app_for(settings, aws=aws, speed=script.speed) as app:
            live = LiveTranscript(console, speed=script.speed)
            result = await run_against(app, script, parts, recording=record, on_call=lambda call: _watch(call, live))
    return result


def _watch(call: Call, live: LiveTranscript) -> None:
    call.record.subscribe(live)


async def _typed(
    settings: Settings,
    persona: str,
    options: Mapping[str, str],
    identity: str,
    *,
    record: Path | None,
    speed: float,
    aws: bool,
    console: Console,
) -> tuple[str, str]:
    async with app_for(settings, aws=aws, speed=speed) as app:
        call = app.new_call(persona, options=options, caller_identity=identity)
        call.record.subscribe(LiveTranscript(console, speed=speed))
        # The line carries silence: the protocol ends a stream that hears nothing for 55 s.
        line = Line(speed=speed, recorder=StereoRecorder(record) if record else None)
        carrying = asyncio.create_task(line.run(), name="call.line")
        typing = asyncio.create_task(_type(call, line), name="call.typing")
        try:
            console.print("Connected. Type what the caller says; an empty line hangs up.", style="dim")
            answered = await place_call(call, line)
        finally:
            typing.cancel()
            line.hang_up()
            await asyncio.gather(carrying, typing, return_exceptions=True)
    console.print(f"The call ended: {answered.end_reason}. Record: {call.record.path}", style="dim")
    return answered.call_id, answered.end_reason


async def _type(call: Call, line: Line) -> None:
    """Hand over typed lines as the caller's turns until an empty one."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop.run_in_executor(None, _read_lines, loop, lines)
    while words := (await lines.get()).strip():
        await call.type_text(words)
    line.hang_up()


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str]) -> None:
    for text in sys.stdin:
        loop.call_soon_threadsafe(lines.put_nowait, text)
        if not text.strip():
            return
    loop.call_soon_threadsafe(lines.put_nowait, "")
