"""What the commands that serve have in common: options, what they print, and how they stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

if TYPE_CHECKING:
    from nova_agent.localsonic.listener import ListenAddress

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[
    int | None,
    typer.Option(
        help="Port to listen on; 0 takes a free one.", show_default="NOVA_LOCAL__PORT, else 8443", min=0, max=65535
    ),
]
Hostnames = Annotated[list[str] | None, typer.Option("--hostname", help="A further name for the certificate.")]
CaDir = Annotated[
    Path | None,
    typer.Option(help="Where the certificate authority is kept.", show_default="NOVA_LOCAL__CA_DIRECTORY"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


class Endpoint(Protocol):
    """What listens."""

    @property
    def endpoint_url(self) -> str:
        """Its address."""
        ...

    @property
    def ca_certificate(self) -> Path:
        """Its authority alone."""
        ...

    @property
    def ca_bundle(self) -> Path:
        """Its authority and the public ones."""
        ...


def prepare(host: str, port: int | None, hostnames: list[str] | None, ca_dir: Path | None) -> ListenAddress:
    """Set logging up, and fill in from the settings what was not given.

    Raises:
        SettingsError: a setting has a value it cannot have.
    """
    from nova_agent.localsonic.listener import ListenAddress  # noqa: PLC0415 – help needs none of it
    from nova_agent.log import configure_logging  # noqa: PLC0415 – as above
    from settings import load  # noqa: PLC0415 – as above

    settings = load()
    configure_logging(settings.log.level, json=settings.log.format == "json")
    return ListenAddress(
        host=host,
        port=settings.local.port if port is None else port,
        hostnames=tuple(hostnames or ()),
        ca_dir=ca_dir or settings.local.ca_directory,
    )


def stop_signal() -> asyncio.Event:
    """An event that Ctrl-C and SIGTERM set, from now on."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows: SIGINT raises KeyboardInterrupt instead
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
    return stopped


def announce(endpoint: Endpoint, first_lines: Sequence[str], *, as_json: bool, **further_facts: str) -> None:
    """Print where the endpoint is and what clients need; as JSON, with the further facts."""
    url, certificate, bundle = endpoint.endpoint_url, endpoint.ca_certificate, endpoint.ca_bundle
    if as_json:
        facts = {"endpoint_url": url, "ca_certificate": str(certificate), "ca_bundle": str(bundle)}
        typer.echo(json.dumps(facts | further_facts))
        return
    for line in (
        *first_lines,
        "",
        "In the client's shell:",
        f"  export AWS_ENDPOINT_URL_BEDROCK_RUNTIME={url}",
        "  export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
        f"  export SSL_CERT_FILE={bundle}        # Python: LiveKit, pipecat, the AWS SDK with CRT",
        f"  export NODE_EXTRA_CA_CERTS={certificate}  # Node",
    ):
        typer.echo(line)
