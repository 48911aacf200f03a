"""``nova-agent doctor``: what would be used, and what is wrong."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from nova_agent.bootstrap import sonic_endpoint
from nova_agent.errors import NovaError
from nova_agent.registry import PersonaRegistry
from nova_agent.sonic import SonicCredentials
from nova_agent.store import open_stores
from settings import Settings, load, masked, variables

LOCAL_PACKAGES = {"moonshine_voice": "ears", "hibari": "mouth", "h2": "HTTP/2", "cryptography": "certificates"}


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, what was found, and whether a call can be held with it."""

    subject: str
    found: str
    ok: bool = True
    needed: bool = True


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for scripts.")] = False,
) -> None:
    """Show the settings in force (secrets masked) and check everything that a call needs."""
    settings = load()
    findings = list(_findings(settings))
    rows = [(name, _value(settings, name), _source(name)) for name, _ in variables()]
    if as_json:
        shown = {
            "settings": {name: {"value": value, "source": source} for name, value, source in rows},
            "checks": [asdict(finding) for finding in findings],
        }
        print(json.dumps(shown, indent=2))
    else:
        _print(rows, findings)
    if any(not finding.ok and finding.needed for finding in findings):
        raise typer.Exit(1)


def _value(settings: Settings, name: str) -> str | None:
    group, _, leaf = name.removeprefix("NOVA_").lower().partition("__")
    value = getattr(getattr(settings, group), leaf)
    return None if value is None else masked(value)


def _source(name: str) -> str:
    if any(variable.upper() == name for variable in os.environ):
        return "environment"
    from dotenv import dotenv_values  # noqa: PLC0415 – only here

    return ".env" if name in dotenv_values(".env") else "default"


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    registry = PersonaRegistry()
    for name in registry.names():
        yield _check(f"persona {name}", partial(_contents, registry, name))
    yield _check("database", lambda: asyncio.run(_database(settings.store.url)))
    yield _check("call records", lambda: _writable(settings.record.directory))
    yield _local_extra()
    endpoint = sonic_endpoint(settings)
    yield Finding("Nova Sonic", f"{settings.sonic.model} in {endpoint.region} at {endpoint.url}")
    yield _check("AWS credentials", lambda: asyncio.run(_credentials()), needed=False)


def _check(subject: str, look: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(subject, look())
    except (NovaError, OSError) as error:
        return Finding(subject, str(error), ok=False, needed=needed)


def _contents(registry: PersonaRegistry, name: str) -> str:
    return ", ".join(registry.get(name).contents()) or "no content of its own"


async def _database(url: str) -> str:
    stores = await open_stores(url)
    await stores.close()
    return masked(url)


def _writable(directory: Path) -> str:
    directory.mkdir(parents=True, exist_ok=True)
    probe = directory / f".probe-{os.getpid()}"
    probe.write_bytes(b"")
    probe.unlink()
    return str(directory)


def _local_extra() -> Finding:
    missing = [f"{name} ({use})" for name, use in LOCAL_PACKAGES.items() if importlib.util.find_spec(name) is None]
    if missing:
        return Finding(
            "offline parts",
            f"missing {', '.join(missing)}; install with: uv sync --extra local",
            ok=False,
            needed=False,
        )
    return Finding("offline parts", "ears, mouth and Local Sonic are installed")


async def _credentials() -> str:
    identity = await SonicCredentials().get_identity()
    kind = "temporary" if identity.session_token else "static"
    return f"{kind}, access key {identity.access_key_id[:4]}***"


def _print(rows: list[tuple[str, Any, str]], findings: list[Finding]) -> None:
    console = Console()
    table = Table("setting", "value", "from", title="Settings", title_justify="left", box=None)
    for name, value, source in rows:
        table.add_row(name, "–" if value is None else str(value), source, style=None if source != "default" else "dim")
    console.print(table)
    console.print("\nChecks", style="bold")
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else ("[red]no[/]" if finding.needed else "[yellow]–[/]")
        console.print(f" {mark}  {finding.subject}: {finding.found}", highlight=False, soft_wrap=True)
    sys.stdout.flush()
