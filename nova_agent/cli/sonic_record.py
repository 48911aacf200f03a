"""``nova-agent sonic record``: stand between a client and the service, and keep what is said."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova_agent.cli.extras import local_parts
from nova_agent.cli.serving import AsJson, CaDir, Host, Hostnames, Port, announce, prepare, stop_signal
from nova_agent.errors import NovaError

if TYPE_CHECKING:
    from nova_agent.localsonic.recording.serving import StreamServer

_WARNING = "Recordings hold what callers say, and their voices. Keep them as you keep calls."


def command(
    *,
    out: Annotated[Path, typer.Option(help="Folder for the recordings, one file a stream.")] = Path("recordings"),
    host: Host = "127.0.0.1",
    port: Port = None,
    hostname: Hostnames = None,
    ca_dir: CaDir = None,
    region: Annotated[
        str | None,
        typer.Option(help="Region to sign for, and whose service is used.", show_default="AWS_REGION, else us-east-1"),
    ] = None,
    upstream: Annotated[
        str | None, typer.Option(help="Forward to this address.", show_default="the region's service")
    ] = None,
    upstream_ca: Annotated[
        Path | None, typer.Option(help="Trust these authorities upstream, a PEM file.", show_default="the system's")
    ] = None,
    no_caller_audio: Annotated[
        bool, typer.Option("--no-caller-audio", help="Keep the length of the caller's audio, not its sound.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Forward every stream to the real service, with your AWS credentials, and record it."""
    from settings import checked_region  # noqa: PLC0415 – help needs none of it

    try:
        region = checked_region(
            region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        )
        address = prepare(host, port, hostname, ca_dir)
        logging.getLogger("botocore").setLevel(logging.WARNING)  # it would say for each stream that it has credentials
        with local_parts("Recording"):
            from nova_agent.localsonic.recording.bedrock import BedrockUpstream, service_url  # noqa: PLC0415 – AWS
            from nova_agent.localsonic.recording.recorder import recorder  # noqa: PLC0415 – needs the extra

        service = BedrockUpstream(upstream or service_url(region), region, ca_file=upstream_ca)
        server = recorder(address, service, out, caller_audio=not no_caller_audio)
        asyncio.run(_record(server, f"to {service.url}", out, as_json=as_json))
    except NovaError as error:
        typer.echo(f"nova-agent: {error}", err=True)
        raise typer.Exit(2) from error


async def _record(server: StreamServer, where: str, out: Path, *, as_json: bool) -> None:
    stopped = stop_signal()
    async with server:
        lines = (
            f"The recorder listens on {server.endpoint_url}  (stop it with Ctrl-C)",
            f"It forwards {where} and records into {out}.",
        )
        announce(server, lines, as_json=as_json)
        typer.echo(_WARNING, err=True)
        await stopped.wait()
