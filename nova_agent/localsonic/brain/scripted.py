"""A brain that follows a script of expect/emit steps, for tests that need the model to do one exact thing.

A script is a list, in Python or as a YAML file:

    - hear: "Hello, what is the weather?"     # what the caller says: their audio is not recognised
      expect: {said: "(?i)hello"}             # a regular expression, searched in the caller's words
      emit:
        - say: "One moment."
        - {call: get_weather, arguments: {city: "$said"}}
    - expect: {tool_result: get_weather}      # every result of the turn has arrived, this tool's among them
      emit: [{say: "$say"}]

``$said`` stands for the caller's last words, ``$say`` for the ``say`` of the last directive that came as a result.
An empty ``emit`` stays silent. ``double_encoded: true`` in a call sends its arguments as a string in a string.
``hear`` may be left out: then the ears tell what was said. With it, whatever the caller says until the step is played
is taken for these words, which makes a test independent of the ears; when speech begins and ends is still heard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from nova_agent.errors import ContentInvalid, ScenarioFailed
from nova_agent.localsonic.brain.directive import parse_directive
from nova_agent.localsonic.brain.port import Action, CallTool, Conversation, Item, Say, ToolReturned, UserSaid

_STRICT: Final = ConfigDict(extra="forbid", frozen=True, strict=True)


class Expectation(BaseModel):
    """What must have happened: exactly one of the two."""

    model_config = _STRICT

    said: re.Pattern[str] | None = None
    tool_result: str | None = None

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if (self.said is None) == (self.tool_result is None):
            raise ValueError("give exactly one of 'said' and 'tool_result'")
        return self

    def __str__(self) -> str:
        return f"said: {self.said.pattern!r}" if self.said else f"tool_result: {self.tool_result!r}"


class Emission(BaseModel):
    """One action: exactly one of ``say`` and ``call``."""

    model_config = _STRICT

    say: str | None = None
    call: str | None = None
    arguments: dict[str, Any] = Field(default_factory=dict)
    double_encoded: bool = False

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if (self.say is None) == (self.call is None):
            raise ValueError("give exactly one of 'say' and 'call'")
        return self


class Step(BaseModel):
    """When ``expect`` has happened, do ``emit``. ``hear``: the caller's words, in place of what the ears would hear."""

    model_config = _STRICT

    hear: str | None = Field(default=None, min_length=1)
    expect: Expectation
    emit: list[Emission]

    @model_validator(mode="after")
    def _hears_what_it_expects(self) -> Self:
        if self.hear is not None and (self.expect.said is None or not self.expect.said.search(self.hear)):
            raise ValueError("'hear' is for a step that expects these words: 'said' must match them")
        return self


_STEPS: Final = TypeAdapter(list[Step])


class ScriptedBrain:
    """Plays ``script``, a YAML file or the list itself, one step for each time it is asked to act.

    Raises:
        ContentInvalid: the script is wrong; every finding as ``file: step N: field: what is wrong``.
        ScenarioFailed: from :meth:`act`, when what happened is not what the step expects, or no step is left.
    """

    def __init__(self, script: Path | Sequence[Mapping[str, Any] | Step], *, source: str = "script") -> None:
        """``source`` names a script that is no file in messages."""
        self._source = str(script) if isinstance(script, Path) else source
        self._steps = load_steps(script) if isinstance(script, Path) else read_steps(script, self._source)
        self._next = 0
        self._dealt_with = 0

    def next_words(self) -> str | None:
        """What the next step says that the caller says."""
        return self._steps[self._next].hear if self._next < len(self._steps) else None

    async def act(self, conversation: Conversation) -> Sequence[Action]:
        """The actions of the next step."""
        new = conversation.items[self._dealt_with :]
        self._dealt_with = len(conversation.items)
        if self._next >= len(self._steps):
            raise ScenarioFailed(f"{self._source}: no step left after step {self._next}, but {_told(new)}. Add a step.")
        step = self._steps[self._next]
        self._next += 1
        if step.expect.tool_result is not None and conversation.outstanding and not _returned(new):
            # Nova 2 listens while a tool runs; what the caller says meanwhile waits for the result.
            self._next -= 1
            self._dealt_with -= len(new)
            return []
        if not _happened(step.expect, new):
            raise ScenarioFailed(f"{self._source}: step {self._next}: expected {step.expect}, but {_told(new)}.")
        return [_action(emission, _variables(conversation.items)) for emission in step.emit]


def load_steps(path: Path) -> list[Step]:
    """Read and check a script file.

    Raises:
        ContentInvalid: it cannot be read, is no YAML, or holds a wrong step.
    """
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path}: cannot be read as YAML: {error}") from error
    return read_steps(value, str(path))


def read_steps(value: object, source: str) -> list[Step]:
    """Check a script that is already a Python value; ``source`` names it in messages.

    Raises:
        ContentInvalid: one line for each finding.
    """
    try:
        return _STEPS.validate_python(value)
    except ValidationError as error:
        findings = [f"{source}: {_place(entry['loc'])}: {entry['msg']}" for entry in error.errors()]
        raise ContentInvalid("\n".join(findings)) from error


def _place(location: tuple[int | str, ...]) -> str:
    """``(1, "emit", 0, "say")`` → ``step 2: emit[0].say``; steps count from one as people do."""
    if not location:
        return "script"
    step, *rest = location
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest).lstrip(".")
    return f"step {int(step) + 1}" + (f": {field}" if field else "")


def _happened(expect: Expectation, new: Sequence[Item]) -> bool:
    if expect.said is not None:
        said = [item.text for item in new if isinstance(item, UserSaid)]
        return not _returned(new) and bool(said) and bool(expect.said.search(said[-1]))
    return expect.tool_result in [item.name for item in _returned(new)]


def _returned(items: Sequence[Item]) -> list[ToolReturned]:
    return [item for item in items if isinstance(item, ToolReturned)]


def _told(new: Sequence[Item]) -> str:
    """What really happened, for a message."""
    returned = ", ".join(item.name for item in _returned(new))
    said = [item.text for item in new if isinstance(item, UserSaid)]
    if returned:
        return f"these tools returned: {returned}"
    return f"the caller said {said[-1]!r}" if said else "nothing new happened"


def _variables(items: Sequence[Item]) -> dict[str, str]:
    said = [item.text for item in items if isinstance(item, UserSaid)]
    directives = [parse_directive(item.content) for item in _returned(items)]
    spoken = [directive.say for directive in directives if directive is not None]
    return {"$said": said[-1] if said else "", "$say": spoken[-1] if spoken else ""}


def _action(emission: Emission, variables: Mapping[str, str]) -> Action:
    if emission.call is None:
        return Say(_filled(emission.say or "", variables))
    arguments = {name: _filled(value, variables) for name, value in emission.arguments.items()}
    return CallTool(emission.call, arguments, emission.double_encoded)


def _filled[T](value: T, variables: Mapping[str, str]) -> T | str:
    """Replace the variables in a string, in one pass; other values stay as they are."""
    if not isinstance(value, str):
        return value
    return re.sub(r"\$said\b|\$say\b", lambda match: variables[match.group()], value)
