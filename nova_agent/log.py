"""Structured logging: its set-up, the one list of event names, and the guard that keeps callers' words out.

A log line is an event of :class:`Event` and fields whose keys are known to be safe. Words, names and numbers of
callers stand in the call record, redacted, and never here.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import structlog
from structlog.typing import Processor


class Event(StrEnum):
    """Every event, ``area.past_tense``. Those of a call's own record come first."""

    CALL_STARTED = "call.started"
    CALL_RESUMED = "call.resumed"
    CALL_MESSAGE_PLAYED = "call.message_played"
    CALL_TRANSFERRED = "call.transferred"
    CALL_ENDED = "call.ended"
    TURN_USER = "turn.user"
    TURN_AGENT = "turn.agent"
    TOOL_CALLED = "tool.called"
    TOOL_RETURNED = "tool.returned"
    PERSONA_ENTERED = "persona.entered"
    PERSONA_LEFT = "persona.left"
    SURVEY_STARTED = "survey.started"
    SURVEY_FINISHED = "survey.finished"
    ANSWER_RECORDED = "answer.recorded"
    ANSWER_CHANGED = "answer.changed"
    ANSWER_SKIPPED = "answer.skipped"
    ANSWER_WITHDRAWN = "answer.withdrawn"
    SONIC_STREAM_OPENED = "sonic.stream_opened"
    SONIC_STREAM_ROTATED = "sonic.stream_rotated"
    SONIC_STREAM_REPLAYED = "sonic.stream_replayed"
    SONIC_STREAM_FAILED = "sonic.stream_failed"
    USERDATA_FALLBACK_USED = "userdata.fallback_used"
    STATE_CHANGED = "state.changed"
    SILENCE_NOTICED = "silence.noticed"
    METRIC_FIRST_AUDIO = "metric.first_audio"
    METRIC_TOKENS = "metric.tokens"

    CALL_INTERRUPTED = "call.interrupted"
    CALL_FAILED = "call.failed"
    CALL_CLOSE_BLOCKED = "call.close_blocked"
    CALL_FAREWELL_CUT = "call.farewell_cut"
    CALL_HANDOFF_FAILED = "call.handoff_failed"
    CALL_HANDOFF_NOT_PREPARED = "call.handoff_not_prepared"
    CALL_MESSAGE_FAILED = "call.message_failed"
    CALL_MESSAGE_UNPLAYED = "call.message_unplayed"
    CALL_MODEL_UNASKED = "call.model_unasked"
    CALL_OPENING_FAILED = "call.opening_failed"
    CALL_PARTING_FAILED = "call.parting_failed"
    CALL_SESSION_FAILED = "call.session_failed"
    CALL_TYPED_WORDS_LOST = "call.typed_words_lost"
    TASK_FAILED = "task.failed"
    TOOL_FAILED = "tool.failed"
    RECORD_WRITE_FAILED = "record.write_failed"
    RECORD_EVENT_REFUSED = "record.event_refused"
    RECORD_SUBSCRIBER_FAILED = "record.subscriber_failed"
    METRICS_UNAVAILABLE = "metrics.unavailable"
    METRICS_UNSENT = "metrics.unsent"
    STORE_OPENED = "store.opened"
    STORE_FAILED = "store.failed"
    WORKER_STARTED = "worker.started"
    WORKER_DRAINED = "worker.drained"
    WORKER_STOPPED = "worker.stopped"
    SERVER_STARTED = "server.started"
    SERVER_STOPPED = "server.stopped"
    SCENARIO_CRASHED = "scenario.crashed"
    SONIC_SESSION_CRASHED = "sonic.session_crashed"
    SONIC_QUOTA_UNAVAILABLE = "sonic.quota_unavailable"
    SONIC_CREDENTIALS_UNRENEWED = "sonic.credentials_unrenewed"
    SONIC_EVENT_FAILED = "sonic.event_failed"
    SONIC_RELEASE_FAILED = "sonic.release_failed"
    LOCALSONIC_STARTED = "localsonic.started"
    LOCALSONIC_STOPPED = "localsonic.stopped"
    LOCALSONIC_HANDSHAKE_FAILED = "localsonic.handshake_failed"
    LOCALSONIC_CONNECTION_REFUSED = "localsonic.connection_refused"
    LOCALSONIC_STREAM_OPENED = "localsonic.stream_opened"
    LOCALSONIC_STREAM_REJECTED = "localsonic.stream_rejected"
    LOCALSONIC_VIOLATION_FORGIVEN = "localsonic.violation_forgiven"
    LOCALSONIC_STREAM_LOST = "localsonic.stream_lost"
    LOCALSONIC_STREAM_FAILED = "localsonic.stream_failed"
    LOCALSONIC_STREAM_CLOSED = "localsonic.stream_closed"
    LOCALSONIC_CONTROL_FAILED = "localsonic.control_failed"
    LOCALSONIC_FAULT_STRUCK = "localsonic.fault_struck"
    LOCALSONIC_RECORDING_STARTED = "localsonic.recording_started"
    LOCALSONIC_RECORDING_FINISHED = "localsonic.recording_finished"
    LOCALSONIC_RECORDING_FAILED = "localsonic.recording_failed"
    LOCALSONIC_UPSTREAM_FAILED = "localsonic.upstream_failed"
    LOCALSONIC_REPLAY_STARTED = "localsonic.replay_started"
    LOCALSONIC_REPLAY_DEVIATED = "localsonic.replay_deviated"
    LOCALSONIC_REPLAY_WAITED = "localsonic.replay_waited"
    LOCALSONIC_REPLAY_FINISHED = "localsonic.replay_finished"


EVENTS: Final = frozenset(event.value for event in Event)

_SAFE: Final = """
    event level timestamp logger exc_info exception stack_info stack
    call_id room job_id worker_id pid host port url path version revision
    persona name previous voice model model_id region stream
    reason end_reason cause message ok status code error error_code errno outcome
    before after action resumed resumed_call_id
    seq t_ms turn stage typed interrupted matched count
    tool tool_use_id survey_id survey_version run_id question_id position redaction
    scenario request_id
    ms limit_s duration_ms detection_ms age_ms gap_ms speech_ms silence_ms
    turns interruptions tools answers tokens first_audio_ms streams personas
    input_speech input_text output_speech output_text
    inputs outputs audio_ms
"""

SAFE_KEYS: Final = frozenset(_SAFE.split())
"""Keys whose values come from us or from AWS, never from a caller."""

WITHHELD: Final = "‹withheld›"


@dataclass(frozen=True, slots=True)
class Marked:
    """A value under a key that is not in :data:`SAFE_KEYS`, vouched for where it is logged."""

    value: Any


class UnsafeLog(ValueError):
    """A log call uses an event that is not listed, or a key neither known safe nor marked."""


class LogGuard:
    """A structlog processor that lets through only listed events, safe keys and marked values.

    Args:
        strict: raise :class:`UnsafeLog` (for tests and development) rather than withhold the value and flag it.
    """

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __call__(self, _logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Check one line; its marked values come out plain."""
        unsafe = sorted(key for key, value in line.items() if key not in SAFE_KEYS and not isinstance(value, Marked))
        unlisted = line.get("event") not in EVENTS
        if self._strict and unlisted:
            raise UnsafeLog(f"the event {line.get('event')!r} is not listed in nova_agent.log.Event")
        if self._strict and unsafe:
            raise UnsafeLog(f"{line.get('event')}: neither known safe nor Marked: {', '.join(unsafe)}")
        for key, value in line.items():
            if isinstance(value, Marked):
                line[key] = value.value
        for key in unsafe:
            line[key] = WITHHELD
        if unlisted:
            line["unlisted"] = True
        return line


class _StderrHandler(logging.StreamHandler[Any]):
    """Ours among the root logger's handlers, so that a second set-up replaces it."""


def configure_logging(level: str, *, json: bool, strict: bool = False) -> None:
    """Send structlog and the standard library's logging to stderr, in one format.

    Args:
        level: least severity that is printed: debug, info, warning, error.
        json: one JSON object a line, for collectors; otherwise a line for people.
        strict: raise on lines that :class:`LogGuard` does not let through.
    """
    common = _common_processors()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            LogGuard(strict=strict),
            *common,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    _install(_formatter(common, json=json, detailed=level == "debug"), level.upper())


def _common_processors() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(common: list[Processor], *, json: bool, detailed: bool) -> logging.Formatter:
    # Fields that other libraries attach (``extra=``) are left out on purpose: livekit-agents logs what the
    # caller said as ``lk.pii.user_transcript`` (livekit/agents/voice/audio_recognition.py, 1.8.9).
    renderer: list[Processor] = (
        [_without_locals(), structlog.processors.JSONRenderer(ensure_ascii=False)]
        if json
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    brief = [] if json or detailed else [_without_traceback]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*common, *brief],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )


def _without_traceback(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For people one sentence of another library is enough; its traceback comes with the level debug."""
    line.pop("exc_info", None)
    return line


def _without_locals() -> Processor:
    """Tracebacks as data; by default structlog adds every local variable, callers' words among them (26.1)."""
    transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return structlog.processors.ExceptionRenderer(transformer)


def _install(formatter: logging.Formatter, level: str) -> None:
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _StderrHandler):
            root.removeHandler(handler)
    handler = _StderrHandler(sys.stderr)
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(level)
