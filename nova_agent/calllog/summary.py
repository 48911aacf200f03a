"""The one canonical summary of a call, and the counter that adds it up from the events as they are written."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class TurnCounts(_Part):
    user: int = 0
    agent: int = 0


class ToolCounts(_Part):
    called: int = 0
    errors: int = 0
    by_name: dict[str, int] = Field(default_factory=dict)


class AnswerCounts(_Part):
    recorded: int = 0
    changed: int = 0
    skipped: int = 0


class TokenCounts(_Part):
    input_speech: int = 0
    input_text: int = 0
    output_speech: int = 0
    output_text: int = 0


class StreamCounts(_Part):
    """Streams to Nova Sonic, and what callers noticed of their changes."""

    opened: int = 0
    rotated: int = 0
    failed: int = 0
    by_reason: dict[str, int] = Field(default_factory=dict, description="the failures")
    replayed_ms: int = Field(0, description="of the caller's audio, sent a second time")
    longest_gap_ms: int = Field(0, description="without a stream that served")


class FirstAudioTimes(_Part):
    """How long callers waited for an answer to begin; no percentiles when nothing was measured."""

    p50: int | None = None
    p95: int | None = None
    count: int = 0


class CallSummary(_Part):
    """What happened in a call, in numbers."""

    end_reason: str
    cause: str | None = Field(None, description="why no model could be had, if that ended the call")
    duration_ms: int
    turns: TurnCounts
    interruptions: int
    tools: ToolCounts
    answers: AnswerCounts
    tokens: TokenCounts
    first_audio_ms: FirstAudioTimes
    streams: StreamCounts = Field(default_factory=StreamCounts)
    personas: tuple[str, ...] = Field(description="in the order in which they entered")


class SummaryCounter:
    """Counts events. Feed it each one with :meth:`count`, then ask for the :meth:`summary`."""

    def __init__(self) -> None:
        self._events: Counter[str] = Counter()
        self._tools: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()
        self._tool_errors = 0
        self._interruptions = 0
        self._first_audio_ms: list[int] = []
        self._stream_failures: Counter[str] = Counter()
        self._replayed_ms = 0
        self._longest_gap_ms = 0
        self._personas: list[str] = []
        self._cause: str | None = None

    def count(self, event: str, fields: Mapping[str, Any]) -> None:
        """Take one event into account; ``fields`` are complete, defaults included."""
        self._events[event] += 1
        match event:
            case "call.message_played" if fields["message"] != "wait":
                self._cause = fields["cause"]
            case "turn.agent":
                self._interruptions += bool(fields["interrupted"])
            case "tool.called":
                self._tools[fields["tool"]] += 1
            case "tool.returned":
                self._tool_errors += fields["status"] == "error"
            case "persona.entered":
                self._personas.append(fields["name"])
            case "sonic.stream_failed":
                self._stream_failures[fields["reason"] or "unknown"] += 1
            case "sonic.stream_opened" | "sonic.stream_rotated" | "sonic.stream_replayed":
                self._longest_gap_ms = max(self._longest_gap_ms, fields.get("gap_ms") or 0)
                self._replayed_ms += fields.get("audio_ms", 0)
            case "metric.first_audio":
                self._first_audio_ms.append(fields["ms"])
            case "metric.tokens":
                self._tokens.update({kind: fields[kind] for kind in TokenCounts.model_fields})

    def summary(self, end_reason: str, duration_ms: int) -> CallSummary:
        """What has been counted so far."""
        events = self._events
        return CallSummary(
            end_reason=end_reason,
            cause=self._cause,
            duration_ms=duration_ms,
            turns=TurnCounts(user=events["turn.user"], agent=events["turn.agent"]),
            interruptions=self._interruptions,
            tools=ToolCounts(called=events["tool.called"], errors=self._tool_errors, by_name=dict(self._tools)),
            answers=AnswerCounts(
                recorded=events["answer.recorded"], changed=events["answer.changed"], skipped=events["answer.skipped"]
            ),
            tokens=TokenCounts(**self._tokens),
            first_audio_ms=_times(self._first_audio_ms),
            streams=StreamCounts(
                opened=events["sonic.stream_opened"],
                rotated=events["sonic.stream_rotated"],
                failed=events["sonic.stream_failed"],
                by_reason=dict(self._stream_failures),
                replayed_ms=self._replayed_ms,
                longest_gap_ms=self._longest_gap_ms,
            ),
            personas=tuple(self._personas),
        )


def _times(measured_ms: Sequence[int]) -> FirstAudioTimes:
    if not measured_ms:
        return FirstAudioTimes()
    return FirstAudioTimes(p50=nearest_rank(measured_ms, 50), p95=nearest_rank(measured_ms, 95), count=len(measured_ms))


def nearest_rank(values: Sequence[int], percent: int) -> int:
    """The smallest value that at least ``percent`` of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
