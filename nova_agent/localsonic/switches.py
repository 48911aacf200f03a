"""The table of what nobody could confirm about the real service: each open point is a field here, with its default.

What a value does is said in the manifest of behaviours, one row for each switch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, Final, Literal, Self, get_args, get_type_hints

from nova_agent.errors import SettingsError

ResponseHeaders = Literal["first-event", "at-once", "prompt-start"]
EndOfStream = Literal["half-close", "session-end", "client-only"]
BargeInLayout = Literal["marker", "spoken", "marker-then-spoken", "silent"]
AudioStop = Literal["END_TURN", "INTERRUPTED", "PARTIAL_TURN"]
UnknownToolUse = Literal["reject", "ignore", "call-again"]
ToolOrder = Literal["model", "parallel", "chained"]
HistoryLimits = Literal["raised", "original"]
ErrorPrefix = Literal["none", "request-id", "numbered"]
Quota = Literal["http-429", "exception"]
Encoding = Literal["never", "always", "alternate"]
FinalText = Literal["played", "next-input", "missing"]
Verdict = Literal["accept", "reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How the endpoint behaves where sources disagree, are missing, or stand alone."""

    response_headers: ResponseHeaders = "first-event"
    end_of_stream: EndOfStream = "half-close"
    completion_start: Literal["answer", "speech"] = "answer"
    completion_per_turn: bool = False
    barge_in_layout: BargeInLayout = "marker"
    barge_in_audio_stop: AudioStop = "END_TURN"
    final_text: FinalText = "played"
    echo_typed_text: bool = False
    user_speech_events: bool = True
    user_speech_completion_id: bool = False
    tool_use_role: bool = False
    tool_order: ToolOrder = "model"
    double_encoded_arguments: Encoding = "never"
    unknown_tool_use_id: UnknownToolUse = "reject"
    audio_while_tool_runs: Verdict = "accept"
    tool_result_json: Literal["object", "any"] = "object"
    tool_choice: Verdict = "accept"
    schema_keywords: Verdict = "accept"
    second_audio_content: Literal["reject", "replace"] = "reject"
    late_audio: Literal["profile", "drop", "reject"] = "profile"
    open_audio_at_prompt_end: Verdict = "accept"
    history_limits: HistoryLimits = "raised"
    concurrent_streams: int = 20
    over_quota: Quota = "http-429"
    error_prefix: ErrorPrefix = "none"
    idle_code: bool = False
    payload_padding: bool = False
    bill_silence: bool = False
    version_1: Literal["retired", "served"] = "retired"

    @classmethod
    def parse(cls, settings: Iterable[str]) -> Self:
        """Read ``name=value`` texts; what is not named keeps its default.

        Raises:
            SettingsError: there is no such switch, or it has no such value.
        """
        return cls(**dict(_parsed(text) for text in settings))

    def changed(self) -> dict[str, Any]:
        """The switches that stand on another value than their default."""
        default = type(self)()
        return {name: value for name in SWITCH_NAMES if (value := getattr(self, name)) != getattr(default, name)}


SWITCH_NAMES: Final = tuple(field.name for field in fields(Switches))
_TYPES: Final = get_type_hints(Switches)


def allowed_values(name: str) -> tuple[str, ...]:
    """What may stand behind ``name=``, as text; empty for a number."""
    kind = _TYPES[name]
    if kind is bool:
        return ("true", "false")
    return () if kind is int else tuple(map(str, get_args(kind)))


def _parsed(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if name in SWITCH_NAMES and not equals:
        values = ", ".join(allowed_values(name)) or "a whole number"
        raise SettingsError(f"{text!r} names a switch and no value. Write {name}=value, with one of: {values}.")
    if name not in SWITCH_NAMES:
        close = get_close_matches(name, SWITCH_NAMES, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise SettingsError(
            f"{text!r} sets no switch of Local Sonic.{hint} Write name=value; "
            "`nova-agent sonic behaviours --switches` lists them."
        )
    return name, _value(name, value.strip())


def _value(name: str, text: str) -> Any:
    allowed = allowed_values(name)
    if not allowed:
        if not text.isdecimal():
            raise SettingsError(f"The switch {name} takes a whole number from 0 on, not {text!r}.")
        return int(text)
    if text not in allowed:
        raise SettingsError(f"The switch {name} cannot be {text!r}. Choose one of: {', '.join(allowed)}.")
    return text == "true" if _TYPES[name] is bool else text
