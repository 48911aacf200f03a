"""``nova-agent sonic replay``: answer clients from a recording."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova_agent.cli.extras import local_parts
from nova_agent.cli.serving import AsJson, CaDir, Host, Hostnames, Port, announce, prepare, stop_signal
from nova_agent.errors import NovaError

if TYPE_CHECKING:
    from nova_agent.localsonic.recording.serving import StreamServer


class PaceName(StrEnum):
    """How fast answers follow one another."""

    REAL = "real"
    FAST = "fast"


def command(
    *,
    recording: Annotated[Path, typer.Argument(help="A file that 'sonic record' wrote.", show_default=False)],
    pace: Annotated[
        PaceName, typer.Option(help="Keep the recorded pauses between answers, or answer as soon as the client asks.")
    ] = PaceName.REAL,
    lenient: Annotated[bool, typer.Option("--lenient", help="Log what a client does differently, and go on.")] = False,
    host: Host = "127.0.0.1",
    port: Port = None,
    hostname: Hostnames = None,
    ca_dir: CaDir = None,
    as_json: AsJson = False,
) -> None:
    """Serve a recorded stream to every client that connects, without AWS."""
    try:
        address = prepare(host, port, hostname, ca_dir)
        with local_parts("Replaying"):
            from nova_agent.localsonic.recording.replayer import replayer  # noqa: PLC0415 – needs the extra

        server = replayer(address, recording, pace=pace.value, lenient=lenient)
        asyncio.run(_replay(server, recording, as_json=as_json))
    except NovaError as error:
        typer.echo(f"nova-agent: {error}", err=True)
        raise typer.Exit(2) from error


async def _replay(server: StreamServer, recording: Path, *, as_json: bool) -> None:
    stopped = stop_signal()
    async with server:
        lines = (
            f"The replayer listens on {server.endpoint_url}  (stop it with Ctrl-C)",
            f"Every stream gets what {recording} holds.",
        )
        announce(server, lines, as_json=as_json)
        await stopped.wait()
