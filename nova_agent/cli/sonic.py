"""``nova-agent sonic``: the offline Nova Sonic endpoint, for any client."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova_agent.cli.extras import local_parts
from nova_agent.cli.serving import announce, stop_signal
from nova_agent.errors import NovaError

if TYPE_CHECKING:
    from nova_agent.localsonic.config import LocalSonicConfig
    from nova_agent.localsonic.switches import Switches
    from settings import Settings

app = typer.Typer(name="sonic", help="Local Sonic: an offline Amazon Nova Sonic endpoint.", no_args_is_help=True)


class ProfileName(StrEnum):
    """What happens to a client's mistakes."""

    STRICT = "strict"
    LENIENT = "lenient"


class ModelProfile(StrEnum):
    """Where the pauses that end a caller's turn come from."""

    MEASURED = "measured"
    DOCS = "docs"


@app.callback()
def sonic() -> None:
    """Local Sonic: an offline Amazon Nova Sonic endpoint."""


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on; 0 takes a free one.", show_default="NOVA_LOCAL__PORT, else 8443", min=0, max=65535
        ),
    ] = None,
    hostname: Annotated[list[str] | None, typer.Option(help="A further name for the certificate.")] = None,
    ca_dir: Annotated[
        Path | None,
        typer.Option(help="Where the certificate authority is kept.", show_default="NOVA_LOCAL__CA_DIRECTORY"),
    ] = None,
    model_profile: Annotated[
        ModelProfile, typer.Option(help="Pauses as measured on the real service, or as documented.")
    ] = ModelProfile.MEASURED,
    speed: Annotated[
        float,
        typer.Option(
            help="How many times faster than life the clock runs: limits, playing, pauses.", min=0.25, max=100
        ),
    ] = 1.0,
    profile: Annotated[
        ProfileName | None,
        typer.Option(
            help="strict ends a stream over a client's mistake, as the service does; lenient forgives and logs it.",
            show_default="NOVA_LOCAL__PROFILE, else strict",
        ),
    ] = None,
    switch: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE: decide what sources about the service leave open; may be repeated.",
            show_default="NOVA_LOCAL__SWITCHES",
        ),
    ] = None,
    life_limit: Annotated[float, typer.Option(help="Seconds that a stream may live.", min=0.1)] = 480.0,
    idle_limit: Annotated[float, typer.Option(help="Seconds without audio or typed text.", min=0.1)] = 55.0,
    final_text_delay: Annotated[
        float, typer.Option(help="Seconds from the end of an answer to its FINAL texts.", min=0)
    ] = 0.0,
    brain: Annotated[
        str | None,
        typer.Option(
            help="What stands in for the language model: rules, scripted, difficult, echo, or package.module:factory.",
            show_default="NOVA_LOCAL__BRAIN, else rules",
        ),
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option(help="The steps of the scripted brain, a YAML file; without --brain, that is the brain."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="What goes wrong, such as rst@turn=2; may be repeated.", show_default="NOVA_LOCAL__FAULTS"),
    ] = None,
    control_port: Annotated[
        int | None,
        typer.Option(
            help="Port of this machine to ask what was received, by HTTP; 0 takes a free one.", min=0, max=65535
        ),
    ] = None,
    keep_audio: Annotated[
        float, typer.Option(help="Seconds of each caller's audio to keep for the control port.", min=0)
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Serve until interrupted."""
    from nova_agent.localsonic.config import LocalSonicConfig  # noqa: PLC0415 – help needs none of it
    from nova_agent.log import configure_logging  # noqa: PLC0415 – as above
    from settings import load  # noqa: PLC0415 – as above

    try:
        settings = load()
        # A brain of one's own stands where the command is called, as for other servers that import an application.
        sys.path.insert(0, str(Path.cwd()))
        config = LocalSonicConfig(
            host=host,
            port=settings.local.port if port is None else port,
            hostnames=tuple(hostname or ()),
            ca_dir=ca_dir or settings.local.ca_directory,
            endpointing="docs" if model_profile is ModelProfile.DOCS else "measured",
            speed=speed,
            profile=profile.value if profile else settings.local.profile,
            switches=_switches(switch, settings),
            life_limit_s=life_limit,
            idle_limit_s=idle_limit,
            final_text_delay_s=final_text_delay,
            brain=brain or ("scripted" if script is not None else settings.local.brain),
            brain_script=script,
            control_port=control_port,
            keep_audio_s=keep_audio,
            faults=_faults(fault, settings),
        )
        configure_logging(settings.log.level, json=settings.log.format == "json")
        asyncio.run(_serve(config, as_json=as_json))
    except NovaError as error:
        typer.echo(f"nova-agent: {error}", err=True)
        raise typer.Exit(2) from error


def _switches(given: list[str] | None, settings: Settings) -> Switches:
    from nova_agent.localsonic.switches import Switches  # noqa: PLC0415 – help needs none of it
    from settings import naming  # noqa: PLC0415 – as above

    if given:
        return Switches.parse(given)
    with naming("NOVA_LOCAL__SWITCHES"):
        return Switches.parse(settings.local.switch_list)


def _faults(given: list[str] | None, settings: Settings) -> tuple[str, ...]:
    from nova_agent.localsonic.faults.plan import FaultPlan  # noqa: PLC0415 – help needs none of it
    from settings import naming  # noqa: PLC0415 – as above

    if given:
        return tuple(given)
    with naming("NOVA_LOCAL__FAULTS"):
        FaultPlan(settings.local.fault_list)
    return settings.local.fault_list


def origin_of_answers(brain: str, script: Path | None) -> str:
    """Say in a sentence what stands in for the language model."""
    match brain:
        case "rules":
            origin = "rules"
        case "difficult":
            origin = "rules, with a difficult model's misdeeds"
        case "scripted":
            origin = f"the script {script}"
        case "echo":
            return "It answers by repeating what it heard; there is no language model."
        case _:
            return f"Its answers come from {brain}."
    return f"Its answers come from {origin}, not from a language model."


async def _serve(config: LocalSonicConfig, *, as_json: bool) -> None:
    with local_parts("Local Sonic"):
        from nova_agent.localsonic.server import LocalSonic  # noqa: PLC0415 – needs the extra
    stopped = stop_signal()
    endpoint = LocalSonic(config)
    if not as_json:
        typer.echo("Local Sonic loads its models…", err=True)
    async with endpoint as local:
        lines = [
            f"Local Sonic listens on {local.endpoint_url}  (stop it with Ctrl-C)",
            origin_of_answers(config.brain, config.brain_script),
        ]
        further = {"control_url": local.control_url} if local.control_url is not None else {}
        lines += [f"What it receives: curl {url}" for url in further.values()]
        announce(local, lines, as_json=as_json, **further)
        await stopped.wait()
