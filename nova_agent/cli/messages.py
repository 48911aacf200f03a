"""``nova-agent messages``: what callers hear while no model can speak."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from nova_agent.cli.extras import local_parts
from nova_agent.cli.places import writable_folder
from nova_agent.messages import NAMES, TEXTS, Message, MessageName, load_messages, write_message

app = typer.Typer(no_args_is_help=True)

RATE_HZ = 24_000
"""What Nova Sonic speaks at."""


@app.command("list")
def list_command(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder with recordings.", show_default="those in use")
    ] = None,
) -> None:
    """Check the recordings, and say how long each is."""
    if folder is None:
        from settings import load  # noqa: PLC0415 – pydantic takes a while to import

        folder = load().call.messages_directory
    for message in load_messages(folder).values():
        words = f": {TEXTS[message.name]}" if folder is None else ""
        print(f"{message.name:<8} {message.duration_s:4.1f} s{words}")


@app.command()
def make(
    into: Annotated[Path, typer.Option(help="Folder for the recordings.")],
    *,
    voice: Annotated[str, typer.Option(help="Voice id of Nova Sonic; the local voice that stands for it.")] = "tiffany",
    apology: Annotated[str, typer.Option(help="When no model can be had.")] = TEXTS["apology"],
    busy: Annotated[str, typer.Option(help="When no line is free.")] = TEXTS["busy"],
    wait: Annotated[str, typer.Option(help="When the caller has to wait for the next stream.")] = TEXTS["wait"],
    force: Annotated[bool, typer.Option("--force", help="Write over recordings that are there.")] = False,
) -> None:
    """Speak the messages with the local voice, offline, into WAV files for NOVA_CALL__MESSAGES_DIRECTORY."""
    there = [file.name for name in NAMES if (file := into / f"{name}.wav").exists()]
    if there and not force:
        raise typer.BadParameter(
            f"{into} has {', '.join(there)} already. Choose another folder with --into, or write over with --force."
        )
    texts: dict[MessageName, str] = {"apology": apology, "busy": busy, "wait": wait}
    messages = asyncio.run(_spoken(texts, voice))
    writable_folder(into, remedy="Choose another one with --into.")
    for message in messages:
        print(f"{write_message(message, into)}: {message.duration_s:.1f} s")
    load_messages(into)


async def _spoken(texts: Mapping[MessageName, str], voice: str) -> list[Message]:
    with local_parts("The local voice"):
        from nova_agent.localsonic.mouth import HibariMouth  # noqa: PLC0415 – needs the extra
        from nova_agent.localsonic.voices import VOICE_IDS, voice_for  # noqa: PLC0415 – needs the extra
    if voice.lower() not in VOICE_IDS:
        raise typer.BadParameter(f"{voice!r} is no voice. There are: {', '.join(sorted(VOICE_IDS))}")
    mouth = HibariMouth()
    await mouth.load()
    try:
        return [
            Message(name, await mouth.speak(texts[name], voice=voice_for(voice), rate_hz=RATE_HZ), RATE_HZ)
            for name in NAMES
        ]
    finally:
        await mouth.aclose()
