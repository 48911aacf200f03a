"""Every setting of the product: typed, nested, read from ``NOVA_…`` variables and ``.env``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

NOVA_2: Final = "amazon.nova-2-sonic-v1:0"
NOVA_2_5: Final = "amazon.nova-2-5-sonic"

_REGION: Final = r"[a-z]{2}(-[a-z]+)+-\d"


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SonicSettings(_Group):
    """Which Nova Sonic hears and speaks, and how it is reached."""

    model: Literal["amazon.nova-2-sonic-v1:0", "amazon.nova-2-5-sonic"] = Field(
        NOVA_2, description="Bedrock model id: Nova 2 Sonic or Nova 2.5 Sonic."
    )
    region: str | None = Field(
        None,
        pattern=rf"^{_REGION}$",
        examples=["us-east-1"],
        description="AWS region of the model. Unset: AWS_REGION, AWS_DEFAULT_REGION, then us-east-1.",
    )
    endpoint_url: AnyHttpUrl | None = Field(
        None,
        description="Where Bedrock is reached, when not at its public address: a private VPC endpoint or Local Sonic. "
        "https only: plain http cannot carry a bidirectional stream.",
    )
    ca_bundle: Path | None = Field(None, description="PEM file of certificate authorities to trust for that endpoint.")
    fallback_regions: str = Field(
        "",
        pattern=rf"^({_REGION}(\s*,\s*{_REGION})*)?$",
        examples=["us-west-2", "eu-north-1,us-west-2"],
        description="Regions that take over, in this order, while the first is in trouble; several with commas between "
        "them. Callers' audio goes there, so name none where it may not be.",
    )
    fallback_endpoint_urls: str = Field(
        "",
        pattern=r"^(https://[^\s,]+(\s*,\s*https://[^\s,]+)*)?$",
        examples=["https://bedrock.example.com", "https://one.example.com,https://two.example.com"],
        description="Where Bedrock is reached in those regions, one address for each. "
        "Unset: at their public addresses.",
    )
    max_streams: int = Field(
        20,
        ge=0,
        description="Streams that this host may have open at once, whatever the number of its processes; 0 for any. "
        "The account's quota divided by the number of hosts. One is kept for calls that change streams.",
    )
    streams_directory: Path | None = Field(
        None,
        description="Folder through which the processes of this host count their streams. Unset: a folder of the "
        "system's temporary files.",
    )
    turn_detection: Literal["HIGH", "MEDIUM", "LOW"] = Field(
        "MEDIUM", description="How soon a pause ends the caller's turn: HIGH is soonest."
    )
    max_tokens: int = Field(1024, ge=1, le=10_000, description="Longest answer, in tokens.")
    temperature: float = Field(
        0.7, ge=0, le=1, description="Sampling temperature. Set explicitly: the plugin would force 1.0 beside tools."
    )
    top_p: float = Field(0.9, gt=0, le=1, description="Nucleus sampling mass.")
    no_answer_s: float = Field(
        4,
        ge=2,
        le=30,
        description="How long a stream may owe an answer, or more of one, before another takes over and hears the "
        "question again. Callers ask again after about six seconds.",
    )
    reply_timeout_s: float = Field(10, gt=0, le=60, description="How long to wait for the model to begin an answer.")

    @property
    def fallbacks(self) -> tuple[tuple[str, str | None], ...]:
        """The fallback regions one by one, each with its address, ``None`` for the public one.

        Raises:
            ValueError: there are more or fewer addresses than regions.
        """
        regions = _separated(self.fallback_regions, ",")
        return tuple(zip(regions, _separated(self.fallback_endpoint_urls, ",") or (None,) * len(regions), strict=True))


class StoreSettings(_Group):
    """The database that keeps calls and answers."""

    url: str = Field(
        "sqlite+aiosqlite:///data/nova.db",
        pattern=r"^[a-z0-9]+(\+[a-z0-9]+)?://",
        examples=["sqlite+aiosqlite:///data/nova.db", "postgresql+asyncpg://user@host/name"],
        description="SQLAlchemy URL with an async driver. SQLite paths are relative to the working directory.",
    )


class RecordSettings(_Group):
    """The record that each call leaves."""

    directory: Path = Field(Path("data/calls"), description="Folder of the call records, one JSON Lines file a call.")
    redaction: Literal["none", "default", "strict"] = Field(
        "default",
        description="What is masked before it is written. default: phone numbers, e-mail, card and id patterns and "
        "every answer marked pii; strict: all of the caller's words; none: nothing.",
    )


class CallSettings(_Group):
    """How a call is held."""

    persona: str = Field("survey", description="Persona that takes a call when the caller did not ask for one.")
    time_zone: str = Field(
        "UTC", description="IANA time zone that decides what 'today' is when the caller's is unknown."
    )
    farewell_start_s: float = Field(
        8, gt=0, le=60, description="After the call was ended by a tool: how long to wait for the farewell to begin."
    )
    farewell_limit_s: float = Field(30, gt=0, le=300, description="Longest farewell before hanging up anyway.")
    max_duration_s: float = Field(1800, gt=0, le=14_400, description="Longest call.")
    messages_directory: Path | None = Field(
        None,
        description="Folder with recordings of your own for callers whom no model can answer: apology.wav, busy.wav "
        "and wait.wav, mono, 16 bits. `nova-agent messages make` makes such files. Unset: those that ship.",
    )
    when_lost: Literal["hang-up", "transfer"] = Field(
        "hang-up",
        description="What follows the apology, or the message that all lines are busy, when no model can be had.",
    )
    transfer_to: str | None = Field(
        None,
        pattern=r"^(tel:\+?[0-9][0-9*#.()-]{1,30}|sips?:[^\s@:]+(:[^\s@]*)?@[^\s@]+)$",
        examples=["tel:+14155550100", "sip:desk@example.com"],
        description="Where callers are transferred to then: tel:+14155550100 or sip:desk@example.com. Needs a caller "
        "who came by SIP, on a trunk that allows transfers.",
    )


class LocalSettings(_Group):
    """Local Sonic, the offline stand-in for Nova Sonic."""

    port: int = Field(8443, ge=0, le=65_535, description="Port that `nova-agent sonic serve` listens on; 0 picks one.")
    brain: str = Field(
        "rules",
        description="What decides its answers: rules, scripted, difficult, echo, or package.module:factory.",
    )
    profile: Literal["strict", "lenient"] = Field(
        "strict", description="strict refuses what the service refuses; lenient forgives and logs it."
    )
    switches: str = Field(
        "",
        description="What sources about the service leave open: NAME=VALUE, several with semicolons between them. "
        "`nova-agent sonic behaviours --switches` lists them.",
    )
    ca_directory: Path | None = Field(
        None,
        description="Folder of its generated certificate authority. Unset: a folder of the user's state directory.",
    )
    faults: str = Field(
        "",
        description="What goes wrong with its streams, for tests of clients: NAME[:ARGUMENT]@POINT, several with "
        "semicolons between them, such as throttlingException@turn=3; http-429@open.",
    )

    @field_validator("brain")
    @classmethod
    def _brain_can_be_had(cls, brain: str) -> str:
        if brain not in ("rules", "scripted", "difficult", "echo") and not re.fullmatch(r"[\w.]+:[\w.]+", brain):
            raise ValueError("write 'rules', 'scripted', 'difficult' or 'echo', or package.module:factory")
        return brain

    @property
    def fault_list(self) -> tuple[str, ...]:
        """The faults one by one."""
        return _separated(self.faults)

    @property
    def switch_list(self) -> tuple[str, ...]:
        """The switches one by one."""
        return _separated(self.switches)


def _separated(texts: str, separator: str = ";") -> tuple[str, ...]:
    return tuple(text.strip() for text in texts.split(separator) if text.strip())


class LogSettings(_Group):
    """Structured logs on standard error. Callers' words never go here."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severity that is printed.")
    format: Literal["console", "json"] = Field("console", description="console for people, json for collectors.")


class Settings(BaseSettings):
    """All settings. Variables are ``NOVA_<GROUP>__<NAME>``, for instance ``NOVA_SONIC__REGION``."""

    model_config = SettingsConfigDict(
        env_prefix="NOVA_",
        env_nested_delimiter="__",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    sonic: Annotated[SonicSettings, Field(default_factory=SonicSettings)]
    store: Annotated[StoreSettings, Field(default_factory=StoreSettings)]
    record: Annotated[RecordSettings, Field(default_factory=RecordSettings)]
    call: Annotated[CallSettings, Field(default_factory=CallSettings)]
    local: Annotated[LocalSettings, Field(default_factory=LocalSettings)]
    log: Annotated[LogSettings, Field(default_factory=LogSettings)]
