"""The call record while a call goes on: every event is checked, redacted, appended, counted and passed on."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import structlog
from pydantic import ValidationError

from nova_agent.calllog.events import MODELS, Line, Source, worded_fields
from nova_agent.calllog.file import RecordFile
from nova_agent.calllog.redaction import Redactor
from nova_agent.calllog.summary import CallSummary, SummaryCounter
from nova_agent.errors import RecordError

Subscriber = Callable[[dict[str, Any]], None]
"""Gets each event as it stands in the record: redacted."""

_CALL_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ENVELOPE: Final = frozenset({*Line.model_fields, "event"})
_NOT_MIRRORED: Final = frozenset({"v", "at", "event"})
_WORDED: Final = {event: worded_fields(model) for event, model in MODELS.items()}

_log = structlog.get_logger("nova_agent.calllog")


def _now_utc() -> datetime:
    return datetime.now(UTC)


class CallRecord:
    """Writes one call's record. Safe to use from any thread; no write ever ends the call.

    Attributes:
        redactor: what decides which words are kept; register private answers on it.
    """

    def __init__(
        self,
        file: RecordFile,
        call_id: str,
        *,
        redactor: Redactor,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        strict: bool,
    ) -> None:
        self.call_id: Final = call_id
        self.redactor: Final = redactor
        self._file = file
        self._clock = clock
        self._monotonic = monotonic
        self._began = monotonic()
        self._strict = strict
        self._counter = SummaryCounter()
        self._subscribers: list[Subscriber] = []
        self._lock = threading.RLock()
        self._seq = 0
        self._persona: str | None = None
        self._ended = False
        self._write_failed = False

    @classmethod
    def create(
        cls,
        directory: Path,
        call_id: str,
        *,
        redactor: Redactor,
        clock: Callable[[], datetime] = _now_utc,
        monotonic: Callable[[], float] = time.monotonic,
        strict: bool = True,
    ) -> Self:
        """Begin a record.

        Args:
            directory: of all records; this one becomes ``<directory>/<YYYY-MM-DD>/<call_id>.jsonl`` (UTC).
            call_id: of letters, digits, dots, hyphens and underscores.
            redactor: belongs to this call alone.
            clock: the current time, aware.
            monotonic: seconds of a clock that never jumps.
            strict: an event that the schema does not know raises; otherwise it is logged and left out.

        Raises:
            RecordError: the id is not fit for a file's name, or the file cannot be made.
        """
        if not _CALL_ID.fullmatch(call_id):
            raise RecordError(f"the call id {call_id!r} cannot name a file: use letters, digits, '.', '-' and '_'.")
        file = RecordFile.create(directory, clock().astimezone(UTC).date(), call_id)
        return cls(file, call_id, redactor=redactor, clock=clock, monotonic=monotonic, strict=strict)

    @property
    def path(self) -> Path:
        """Where the record is."""
        return self._file.path

    def write(self, event: str, *, persona: str | None = None, **fields: Any) -> None:
        """Append an event.

        Args:
            event: one of :data:`nova_agent.calllog.events.MODELS`, but not ``call.ended``: see :meth:`end`.
            persona: the persona in charge; without it, the one of the last event.
            fields: the event's own fields, not redacted.

        Raises:
            RecordError: in strict records, when the event or a field is unknown, missing or of the wrong kind.
        """
        if event == "call.ended":
            self._refuse("call.ended is written by end(), which adds the summary")
            return
        with self._lock:
            if self._ended:
                self._refuse(f"{event}: the record of call {self.call_id} has ended")
                return
            self._persona = persona or (fields.get("name") if event == "persona.entered" else None) or self._persona
            self._put(event, fields)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Pass every further event to ``subscriber``, redacted; returns what ends that."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber) if subscriber in self._subscribers else None

    def summarize(self, end_reason: str = "running") -> CallSummary:
        """The summary of what has been written so far."""
        return self._counter.summary(end_reason, self._elapsed_ms())

    def end(self, reason: str) -> None:
        """Write ``call.ended`` with the summary, and close. Further calls do nothing."""
        with self._lock:
            if self._ended:
                return
            self._put("call.ended", {"summary": self.summarize(reason)})
            self._ended = True
            self._file.close()

    def _put(self, event: str, fields: dict[str, Any]) -> None:
        if (line := self._checked(event, fields)) is None:
            return
        self._seq = line.seq
        content = line.model_dump(mode="json")
        for name, source in _WORDED[event].items():
            content[name] = self._redacted(source, content[name])
        self._counter.count(event, content)
        self._append(content)
        _mirror(event, content)
        self._publish(content)

    def _checked(self, event: str, fields: dict[str, Any]) -> Line | None:
        if (model := MODELS.get(event)) is None:
            self._refuse(f"there is no event {event!r} in nova_agent.calllog.events")
            return None
        if clash := sorted(_ENVELOPE & fields.keys()):
            self._refuse(f"{event}: these fields are set by the record itself: {', '.join(clash)}")
            return None
        try:
            return model.model_validate({**self._envelope(), **fields})
        except ValidationError as error:
            findings = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            self._refuse(f"{event}: {'; '.join(findings)}")
            return None

    def _envelope(self) -> dict[str, Any]:
        return {
            "seq": self._seq + 1,
            "at": self._clock(),
            "t_ms": self._elapsed_ms(),
            "call_id": self.call_id,
            "persona": self._persona,
        }

    def _elapsed_ms(self) -> int:
        return max(0, round((self._monotonic() - self._began) * 1000))

    def _redacted(self, source: Source, content: Any) -> Any:
        match source:
            case Source.CALLER:
                return self.redactor.caller_value(content)
            case Source.ARGUMENTS:
                return self.redactor.arguments(content)
            case Source.AGENT:
                return self.redactor.value(content)

    def _append(self, content: dict[str, Any]) -> None:
        try:
            self._file.append(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        except OSError as error:
            if not self._write_failed:
                _log.error("record.write_failed", call_id=self.call_id, errno=error.errno, path=str(self.path))
            self._write_failed = True

    def _publish(self, content: dict[str, Any]) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(content)
            except Exception:  # noqa: BLE001 – a display that fails is no reason to lose a call
                _log.exception("record.subscriber_failed", call_id=self.call_id)

    def _refuse(self, reason: str) -> None:
        if self._strict:
            raise RecordError(reason)
        _log.error("record.event_refused", call_id=self.call_id, reason=reason)


def _mirror(event: str, content: dict[str, Any]) -> None:
    """Say the same in the log, without anybody's words."""
    worded = _WORDED[event]
    plain = {key: value for key, value in content.items() if key not in worded and key not in _NOT_MIRRORED}
    plain |= plain.pop("summary", {})
    _log.info(event, **{key: value for key, value in plain.items() if value is not None})
