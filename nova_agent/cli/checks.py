"""The checks of ``nova-agent doctor``: each looks at one thing that a call needs, and never raises."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from dotenv import dotenv_values

from nova_agent.bootstrap import sonic_endpoint
from nova_agent.cli.places import record_folder
from nova_agent.errors import NovaError
from nova_agent.registry import PersonaRegistry
from nova_agent.sonic import SonicCredentials
from nova_agent.store import open_stores
from settings import Settings, masked, variables

LOCAL_PACKAGES: Final = {
    "moonshine_voice": "ears",
    "hibari": "mouth",
    "h2": "HTTP/2",
    "cryptography": "certificates",
    "jellyfish": "brain",
    "snowballstemmer": "brain",
    "jiwer": "word error rates",
}
"""Packages of the extra ``local`` that nothing else brings along, and what they are for."""


@dataclass(frozen=True)
class Setting:
    """One setting in force, fit to be shown; ``source`` is environment, .env or default."""

    name: str
    value: str | None
    source: str


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, what was found, and whether a call can be held without it."""

    subject: str
    found: str
    ok: bool = True
    needed: bool = True


def settings_in_force(settings: Settings) -> Iterator[Setting]:
    """Every setting with its value, passwords masked, and where the value comes from."""
    environment = {name.upper() for name in os.environ}
    dotenv = {name.upper() for name in dotenv_values(".env")}
    for name, _ in variables():
        group, _, leaf = name.removeprefix("NOVA_").lower().partition("__")
        value = getattr(getattr(settings, group), leaf)
        source = "environment" if name in environment else ".env" if name in dotenv else "default"
        yield Setting(name, None if value is None else masked(value), source)


def check_all(settings: Settings) -> Iterator[Finding]:
    """Look at everything that a call needs."""
    yield Finding("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    registry = PersonaRegistry()
    for name in registry.names():
        yield _check(f"persona {name}", partial(_contents, registry, name))
    yield _check("database", lambda: asyncio.run(_database(settings.store.url)))
    yield _check("call records", lambda: str(record_folder(settings.record.directory)))
    yield _local_extra()
    yield _check("Nova Sonic", partial(_service, settings))
    yield _check("AWS credentials", lambda: asyncio.run(_credentials()), needed=False)


def _check(subject: str, look: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(subject, look())
    except (NovaError, OSError) as error:
        return Finding(subject, masked(error), ok=False, needed=needed)


def _service(settings: Settings) -> str:
    endpoint = sonic_endpoint(settings)
    return f"{settings.sonic.model} in {endpoint.region} at {endpoint.url}"


def _contents(registry: PersonaRegistry, name: str) -> str:
    return ", ".join(registry.get(name).contents()) or "no content of its own"


async def _database(url: str) -> str:
    stores = await open_stores(url)
    await stores.close()
    return masked(url)


def _local_extra() -> Finding:
    missing = [f"{name} ({use})" for name, use in LOCAL_PACKAGES.items() if not _is_installed(name)]
    if missing:
        found = f"missing {', '.join(missing)}; install with: uv sync --extra local"
        return Finding("offline parts", found, ok=False, needed=False)
    return Finding("offline parts", "ears, mouth and Local Sonic are installed")


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


async def _credentials() -> str:
    identity = await SonicCredentials().get_identity()
    kind = "temporary" if identity.session_token else "static"
    return f"{kind}, access key {identity.access_key_id[:4]}***"
