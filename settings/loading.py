"""Reading settings, and saying clearly what is wrong with them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from nova_agent.errors import ContentInvalid, SettingsError
from nova_agent.messages import load_messages
from settings.model import CallSettings, Settings, SonicSettings

PREFIX = "NOVA_"
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@\s]*@")


def load(**overrides: Any) -> Settings:
    """Read settings from the environment and ``.env``; keyword arguments (whole groups) win.

    Raises:
        SettingsError: a value is not allowed, a variable is misspelt, or a file named by a setting is missing.
    """
    findings = list(_misspelt())
    settings: Settings | None = None
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        findings += [_finding(item) for item in error.errors()]
    if settings is not None:
        findings += _impossible(settings)
    if findings or settings is None:
        raise SettingsError("\n".join(findings))
    return settings


def variables() -> Iterator[tuple[str, FieldInfo]]:
    """Yield every setting as its variable's name and its field."""
    for group, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, leaf in model.model_fields.items():
                yield f"{PREFIX}{group}__{name}".upper(), leaf


def checked_region(region: str) -> str:
    """Return the name of an AWS region that was not a setting of ours.

    Raises:
        SettingsError: it cannot be one.
    """
    try:
        SonicSettings(region=region)
    except ValidationError as error:
        raise SettingsError(f"{region!r} is no AWS region. Write it like us-east-1.") from error
    return region


def _misspelt() -> Iterator[str]:
    known = {name for name, _ in variables()}
    given = {name.upper() for name in (*os.environ, *dotenv_values(".env")) if name.upper().startswith(PREFIX)}
    for name in sorted(given - known):
        close = get_close_matches(name, known, n=1)
        hint = f"Did you mean {close[0]}?" if close else "`nova-agent doctor` lists the settings there are."
        yield f"{name}: there is no such setting. {hint}"


@contextmanager
def naming(variable: str) -> Iterator[None]:
    """Let an error about a text that was set say in which variable it stands."""
    try:
        yield
    except SettingsError as error:
        raise SettingsError(f"{variable}: {error}") from error


def masked(value: object) -> str:
    """Return a setting's value as it may be shown: the password of a URL is left out."""
    return _PASSWORD.sub(r"\1***@", str(value))


def _finding(item: Any) -> str:
    name = PREFIX + "__".join(str(part) for part in item["loc"]).upper()
    value = masked(item.get("input"))
    allowed = (item.get("ctx") or {}).get("expected")
    wanted = f"Allowed: {allowed}." if allowed else f"{item['msg']}."
    if item["type"] == "string_pattern_mismatch" and (examples := dict(variables())[name].examples):
        # A regular expression says nothing to whoever set this.
        wanted = f"Write it like {' or '.join(examples)}."
    return f"{name}: {value!r} is not allowed. {wanted}"


def _impossible(settings: Settings) -> list[str]:
    found = []
    if (url := settings.sonic.endpoint_url) and url.scheme != "https":
        found.append(
            f"NOVA_SONIC__ENDPOINT_URL: {str(url)!r} is not allowed. It has to begin with https://, "
            "because a bidirectional stream needs HTTP/2 over TLS."
        )
    try:
        _ = settings.sonic.fallbacks
    except ValueError:
        found.append(
            f"NOVA_SONIC__FALLBACK_ENDPOINT_URLS: {settings.sonic.fallback_endpoint_urls!r} is not allowed. It has to "
            "name one address for each of NOVA_SONIC__FALLBACK_REGIONS, in the same order."
        )
    if (bundle := settings.sonic.ca_bundle) and not Path(bundle).is_file():
        found.append(f"NOVA_SONIC__CA_BUNDLE: {str(bundle)!r} is not a file. Name a PEM file, or unset it.")
    found += _unfit_for_lost_calls(settings.call)
    try:
        ZoneInfo(settings.call.time_zone)
    except (KeyError, ValueError, OSError):
        found.append(
            f"NOVA_CALL__TIME_ZONE: {settings.call.time_zone!r} is not a time zone. "
            "Use an IANA name such as Europe/Paris."
        )
    return found


def _unfit_for_lost_calls(call: CallSettings) -> list[str]:
    found = []
    if call.messages_directory is not None:
        try:
            load_messages(call.messages_directory)
        except ContentInvalid as error:
            found += [f"NOVA_CALL__MESSAGES_DIRECTORY: {finding}." for finding in str(error).splitlines()]
    if call.when_lost == "transfer" and call.transfer_to is None:
        found.append(
            "NOVA_CALL__TRANSFER_TO: is not set, and NOVA_CALL__WHEN_LOST is 'transfer'. Say where to, such as "
            "tel:+14155550100 or sip:desk@example.com."
        )
    return found
