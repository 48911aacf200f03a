"""Places the calls of ``nova-agent call``: a scripted caller speaks, or somebody types."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from nova_agent.bootstrap import App, open_app
from nova_agent.call import Call
from nova_agent.cli.extras import local_parts
from nova_agent.cli.live import LiveTranscript
from nova_agent.cli.places import record_folder, writable_folder
from nova_agent.cli.typing_in import Floor, typed_lines
from nova_agent.log import configure_logging
from nova_agent.registry import PersonaRegistry
from nova_agent.simulate.callee import place_call
from nova_agent.simulate.line import Line
from nova_agent.simulate.recorder import StereoRecorder
from nova_agent.simulate.report import results_json
from nova_agent.simulate.scenario import AnsweredCall, ScenarioResult
from nova_agent.simulate.script import load_script
from settings import Settings, load

TYPED_SPEED: Final = 4.0
"""Nobody listens to a typed call, so nobody should wait while it is spoken."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for on the command line. ``speed`` is ``None`` when nothing was said about it."""

    persona: str
    options: Mapping[str, str]
    recording: Path | None
    speed: float | None
    aws: bool


def place_scripted(order: Order, caller: Path, console: Console) -> tuple[ScenarioResult, dict[str, Any]]:
    """Let a synthetic caller speak a script, and return what came of it, also as JSON.

    Raises:
        NovaError: something is wrong that keeps the call from being placed at all.
    """
    script = load_script(caller)
    options = {**script.options, **order.options}
    speed = order.speed if order.speed is not None else 1.0 if order.aws else script.speed
    script = script.model_copy(update={"persona": order.persona, "options": options, "speed": speed})
    settings = _prepared(order, options)
    with local_parts("A synthetic caller"):
        from nova_agent.simulate.local_speech import caller_parts  # noqa: PLC0415 – needs the extra
        from nova_agent.simulate.runner import run_against  # noqa: PLC0415 – needs the extra

    async def hold() -> ScenarioResult:
        with console.status("loading ears, voice and database …") as status:
            async with caller_parts() as parts, _app(settings, aws=order.aws, speed=speed) as app:
                status.update("the call is on …")
                live = LiveTranscript(console, speed=speed)

                def on_call(call: Call) -> None:
                    call.record.subscribe(live)

                return await run_against(app, script, parts, recording=order.recording, on_call=on_call)

    result = asyncio.run(hold())
    return result, results_json([result])


def place_typed(order: Order, identity: str, console: Console) -> AnsweredCall:
    """Take the caller's side from standard input, one line a turn.

    Raises:
        NovaError: something is wrong that keeps the call from being placed at all.
    """
    settings = _prepared(order, order.options)
    own_endpoint = not order.aws and settings.sonic.endpoint_url is None
    speed = order.speed if order.speed is not None else TYPED_SPEED if own_endpoint else 1.0
    return asyncio.run(_hold_typed(settings, order, identity, speed, console))


def _prepared(order: Order, options: Mapping[str, str]) -> Settings:
    """The settings, once all is tried that can be tried before anything is loaded or written."""
    settings = load()
    quiet = "warning" if settings.log.level == "info" else settings.log.level
    configure_logging(quiet, json=settings.log.format == "json")
    registry = PersonaRegistry()
    registry.get(order.persona)
    if "survey" in options:
        registry.get("survey").check_content(Path(options["survey"]))
    record_folder(settings.record.directory)
    if order.recording is not None:
        writable_folder(order.recording.parent, remedy="Choose another place with --record.")
    return settings


@asynccontextmanager
async def _app(settings: Settings, *, aws: bool, speed: float) -> AsyncIterator[App]:
    """Open the app on AWS, on the endpoint that the settings name, or on a Local Sonic of its own."""
    if aws or settings.sonic.endpoint_url is not None:
        async with open_app(settings) as app:
            yield app
        return
    with local_parts("Local Sonic"):
        from nova_agent.simulate.runner import local_app  # noqa: PLC0415 – needs the extra
    async with local_app(settings, speed=speed) as app:
        yield app


async def _hold_typed(settings: Settings, order: Order, identity: str, speed: float, console: Console) -> AnsweredCall:
    async with AsyncExitStack() as stack:
        with console.status("loading voice and database …"):
            app = await stack.enter_async_context(_app(settings, aws=order.aws, speed=speed))
        call = app.new_call(order.persona, options=order.options, caller_identity=identity)
        call.record.subscribe(LiveTranscript(console, speed=speed))
        # The line carries silence: the protocol ends a stream that hears nothing for 55 s.
        line = Line(speed=speed, recorder=StereoRecorder(order.recording) if order.recording else None)
        floor = Floor()
        call.record.subscribe(floor)
        carrying = asyncio.create_task(line.run(), name="call.line")
        typing = asyncio.create_task(_type(call, line, floor), name="call.typing")
        try:
            console.print("Connected. Type what the caller says; an empty line hangs up.", style="dim")
            answered = await place_call(call, line)
        finally:
            typing.cancel()
            line.hang_up()
            await asyncio.gather(carrying, typing, return_exceptions=True)
    console.print(f"The call ended: {answered.end_reason}. Record: {call.record.path}", style="dim", soft_wrap=True)
    return answered


async def _type(call: Call, line: Line, floor: Floor) -> None:
    """Hand over typed lines as the caller's turns, each when the agent has finished, until an empty one."""
    lines = typed_lines()
    try:
        await floor.wait()
        while words := await lines.get():
            floor.take()
            await call.type_text(words)
            await floor.wait()
    finally:
        line.hang_up()
