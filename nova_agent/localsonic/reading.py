"""From one event's JSON to its value: what the service cannot parse, and what it reads but does not take."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from nova_agent.localsonic import rejections
from nova_agent.localsonic.inputs import (
    PARSERS,
    AudioReceived,
    InputEvent,
    PromptStarted,
    TextOpened,
    ToolResultOpened,
)
from nova_agent.localsonic.jsontext import parse_json
from nova_agent.localsonic.leniency import mended
from nova_agent.localsonic.models import NOVA_2, Model
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.switches import Switches
from nova_agent.localsonic.verdicts import Verdicts

# One report names these as refused with the generic text; others use them (switch "schema_keywords").
_DOUBTED_KEYWORDS: Final = ("anyOf", "oneOf", "allOf", "default", "additionalProperties")


class EventReader:
    """Reads one stream's events; without a model, as Nova 2 does."""

    def __init__(
        self, verdicts: Verdicts | None = None, switches: Switches | None = None, model: Model = NOVA_2
    ) -> None:
        self._verdicts = verdicts or Verdicts("strict")
        self._switches = switches or Switches()
        self._model = model

    def read(self, raw: bytes) -> InputEvent | None:
        """Read one ``{"event": {"<name>": {…}}}``; ``None`` for an event that a lenient stream left out.

        Raises:
            StreamRejected: the event is unknown, lacks a field, or has a value that the service does not take.
        """
        try:
            name, body, parse = _named(raw)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._verdicts.refuse(StreamRejected(rejections.UNPARSEABLE), instead="an unreadable event was left out")
            return None
        event = self._parsed(name, body, parse)
        if event is not None and not isinstance(event, AudioReceived):
            self._check(event)
        return event

    def _parsed(self, name: str, body: Any, parse: Callable[[object], InputEvent]) -> InputEvent | None:
        try:
            return parse(body)
        except (ValidationError, ValueError, RecursionError):
            refusal = StreamRejected(rejections.UNPARSEABLE)
        try:
            event = parse(mended(name, body)) if self._verdicts.lenient else None
        except (ValidationError, ValueError, RecursionError):
            event = None
        self._verdicts.refuse(refusal, instead=f"a wrong {name} was {'left out' if event is None else 'mended'}")
        return event

    def _check(self, event: InputEvent) -> None:
        """Refuse what is well-formed and still wrong, each with its own text."""
        match event:
            case PromptStarted():
                self._check_prompt(event)
                self._check_tools(event)
            case TextOpened(role="SYSTEM_SPEECH") if not self._model.takes_speech_style:
                self._refuse(rejections.UNPARSEABLE, instead="a SYSTEM_SPEECH content was ignored")
            case ToolResultOpened():
                media_type = event.tool_result_input_configuration.text_input_configuration.media_type
                if media_type != "text/plain":
                    self._refuse(rejections.TOOL_RESULT_MEDIA_TYPE, instead="a tool result of another type was taken")
            case _:
                pass

    def _check_prompt(self, event: PromptStarted) -> None:
        if event.voice_id not in self._model.voice_ids:
            self._verdicts.refuse(rejections.invalid_voice(event.voice_id), instead="an unknown voice was replaced")
        if self._switches.tool_choice == "reject" and event.tool_choice is not None:
            self._refuse(rejections.UNPARSEABLE, instead="a toolChoice was taken")
        if self._switches.schema_keywords == "reject" and any(_is_doubted(tool.schema_object) for tool in event.tools):
            self._refuse(rejections.INVALID_INPUT, instead="a schema with doubtful keywords was taken")

    def _check_tools(self, event: PromptStarted) -> None:
        # That these are refused is ours, and the service's text for them is not known.
        names = [tool.name for tool in event.tools]
        if len(set(names)) < len(names):
            self._refuse(rejections.INVALID_INPUT, instead="two tools of one name were taken")
        wanted = (event.tool_choice or {}).get("tool")
        if wanted is not None and wanted["name"] not in names:
            self._refuse(rejections.INVALID_INPUT, instead="a toolChoice of a tool that does not exist was taken")

    def _refuse(self, message: str, *, instead: str) -> None:
        self._verdicts.refuse(StreamRejected(message), instead=instead)


def _named(raw: bytes) -> tuple[str, Any, Callable[[object], InputEvent]]:
    ((name, body),) = json.loads(raw)["event"].items()
    if name != "audioInput":
        # Of audio nothing is kept but its samples, and it is most of what arrives: the closer look is for the others.
        ((name, body),) = parse_json(raw)["event"].items()
    return name, body, PARSERS[name]


def _is_doubted(schema: object) -> bool:
    if isinstance(schema, Mapping):
        return any(key in _DOUBTED_KEYWORDS or _is_doubted(value) for key, value in schema.items())
    return isinstance(schema, list) and any(map(_is_doubted, schema))
