"""The script of a synthetic caller: what it waits to hear, what it says then, and which rows must remain."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError, model_validator

from nova_agent.errors import ContentInvalid

CallerVoice = Literal["caller-a", "caller-b", "caller-c", "caller-d"]
"""The voices that a caller may have; none of them is a voice of the agent."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Phrases = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Step(_Strict):
    """One thing that the caller does, and when."""

    when: Phrases = Field(default=(), description="phrases of the agent that call for this step; any one is enough")
    any: bool = Field(default=False, description="whatever the agent says calls for this step")
    say: str = Field(default="", description='the caller\'s words; with hesitate, "…" marks the pauses')
    after_ms: int = Field(default=500, ge=0, description="not before this long after the agent was last heard")
    barge_in_ms: int | None = Field(default=None, ge=0, description="speak this long after the agent's turn began")
    hesitate: int | None = Field(default=None, gt=0, description="length of the pauses in ms")
    mumble: bool = Field(default=False, description="quieter, faster and muffled")
    silent_ms: int | None = Field(default=None, gt=0, description="say nothing for so long first")
    optional: bool = Field(default=False, description="passed over if a later step matches first")
    anytime: bool = Field(default=False, description="whenever its phrase comes, outside the order")
    repeat: int = Field(default=1, ge=1, description="may match up to so many times; an anytime step has no limit")
    hang_up: bool = Field(default=False, description="hang up, after say if there is one")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for wrong, finding in (
            (not (self.when or self.any or self.barges_in), "needs `when`, `any: true` or `barge_in_ms`"),
            (bool(self.when) and self.any, "has both `when` and `any`: keep one"),
            (not (self.say or self.hang_up or self.silent_ms), "does nothing: give it `say`, `silent_ms` or `hang_up`"),
            (not self.say and (self.mumble or self.hesitate is not None), "needs `say` to mumble or hesitate"),
            (self.barges_in and not self.say, "needs `say` to barge in with"),
            (self.barges_in and bool({"after_ms", "silent_ms"} & self.model_fields_set), "barges in: no other delay"),
            (self.anytime and (self.optional or self.barges_in), "is `anytime`: it cannot be `optional` or barge in"),
        ):
            if wrong:
                raise ValueError(finding)
        return self

    @property
    def barges_in(self) -> bool:
        return self.barge_in_ms is not None

    def awaited(self) -> str:
        """What the step waits for, in words for a person."""
        if self.when:
            return " or ".join(f'"{phrase}"' for phrase in self.when)
        return "the agent to begin speaking" if self.barges_in else "anything from the agent"


class Similar(_Strict):
    """Text that need not be letter for letter: likeness of 0–100 after normalising."""

    to: str
    at_least: float = Field(default=80, ge=0, le=100)


class Answer(_Strict):
    """What must stand under one question. A bare value in the file means ``equals``."""

    equals: JsonValue = None
    contains: Phrases = Field(default=(), description="each of these must be in the text, whatever the case")
    similar: Similar | None = None
    absent: bool = Field(default=False, description="no row at all")
    skipped: bool = Field(default=False, description="a row that says that the caller did not answer")

    @model_validator(mode="after")
    def _one_expectation(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("give exactly one of equals, contains, similar, absent, skipped")
        return self


def _as_answer(value: object) -> object:
    known = isinstance(value, dict) and value.keys() & Answer.model_fields.keys()
    if known or isinstance(value, Answer):
        return value
    # YAML reads an unquoted 2026-01-31 as a date; the database keeps its text.
    return {"equals": value.isoformat() if isinstance(value, date) else value}


class Expectation(_Strict):
    """What the database must hold after the call."""

    status: str | None = Field(default=None, description="status of the survey run")
    answers: dict[str, Annotated[Answer, BeforeValidator(_as_answer)]] = Field(default_factory=dict)
    changed: tuple[str, ...] | None = Field(
        default=None, description="exactly the questions with superseded answers; not looked at when absent"
    )
    end_reason: str | None = Field(default=None, description="why the call ended, as its row says")


class Script(_Strict):
    """One scenario: whom to call, what to say, what to expect."""

    name: str = Field(default="", description="taken from the file's name")
    about: str = Field(default="", description="one sentence for the reader")
    persona: str
    options: dict[str, str] = Field(default_factory=dict)
    speed: float = Field(default=1.0, ge=1, le=4, description="seconds of audio per second")
    voice: CallerVoice = "caller-a"
    quick: bool = Field(default=False, description="one of the few that every change is tried with")
    steps: tuple[Step, ...] = Field(min_length=1)
    expect: Expectation = Expectation()


def load_script(path: Path) -> Script:
    """Read one scenario file; the script is named for it.

    Raises:
        ContentInvalid: the file cannot be read, is no YAML, or has findings; each names file, step and field.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ContentInvalid(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ContentInvalid(f"{path}: is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise ContentInvalid(f"{path}: a scenario is a mapping with persona and steps, not {type(content).__name__}")
    try:
        return Script.model_validate({"name": path.stem, **content})
    except ValidationError as error:
        findings = [f"{path}: {_place(entry['loc'])}: {entry['msg']}" for entry in error.errors()]
        raise ContentInvalid("\n".join(findings)) from error


def _place(location: tuple[int | str, ...]) -> str:
    """Turn ``("steps", 1, "after_ms")`` into ``step 2, after_ms``."""
    if location[:1] == ("steps",) and len(location) > 1 and isinstance(location[1], int):
        location = (f"step {location[1] + 1}", *location[2:])
    return ", ".join(str(part) for part in location) or "the scenario"
