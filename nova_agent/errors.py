"""Every error this product raises on purpose, as one tree.

    NovaError
    ├── SettingsError          a setting has a value it cannot have
    ├── MissingExtra           an optional part is not installed
    ├── PersonaNotFound        no persona of that name
    ├── PersonaInvalid         a persona's own files are wrong
    ├── ContentInvalid         a content file (survey, form, scenario …) is wrong
    ├── NoActiveCall           nothing to resolve UserData from
    ├── AmbiguousCall          more than one call could be meant
    ├── InvalidTransition      a state change that was never declared
    ├── StoreError             the database cannot be opened, migrated, read or written
    ├── RecordError            a call record cannot be written or read
    ├── SonicError             Nova Sonic (or its local stand-in) cannot be reached
    ├── TransferFailed         a caller cannot be handed over to another number
    ├── PortInUse              a server cannot listen where it was told to
    └── ScenarioFailed         a scripted caller did not get the conversation it expects

A message names the value, the place and the remedy. ``code`` is stable: scripts and alarms may match on it.
"""

from __future__ import annotations

from typing import ClassVar


class NovaError(Exception):
    """Base of every error raised on purpose."""

    code: ClassVar[str] = "nova-error"


class SettingsError(NovaError):
    code = "settings-invalid"


class MissingExtra(NovaError):
    """An optional part is not installed."""

    code = "extra-missing"

    def __init__(self, extra: str, missing: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {missing!r}, which is not installed. "
            f"Install it with: uv sync --extra {extra}   (or: pip install 'nova-agent[{extra}]')"
        )


class PersonaNotFound(NovaError):
    code = "persona-not-found"


class PersonaInvalid(NovaError):
    code = "persona-invalid"


class ContentInvalid(NovaError):
    """A content file is wrong; the message lists every finding as ``file: place: what is wrong``."""

    code = "content-invalid"


class NoActiveCall(NovaError):
    code = "no-active-call"


class AmbiguousCall(NovaError):
    code = "ambiguous-call"


class InvalidTransition(NovaError):
    code = "invalid-transition"


class StoreError(NovaError):
    code = "store-error"


class RecordError(NovaError):
    code = "record-error"


class SonicError(NovaError):
    code = "sonic-error"


class TransferFailed(NovaError):
    """A caller cannot be handed over. ``reason`` is in kebab-case: the call's record has it."""

    code = "transfer-failed"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PortInUse(NovaError):
    code = "port-in-use"


class ScenarioFailed(NovaError):
    code = "scenario-failed"
