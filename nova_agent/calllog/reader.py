"""Reading call records back: one, or the latest, also while their calls go on or after they were cut off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

from nova_agent.calllog.file import SUFFIX, is_held
from nova_agent.errors import RecordError

Status = Literal["running", "ended", "interrupted"]

LAST: Final = "last"
"""Stands for the newest record wherever an id is asked for."""

_CANDIDATES_SHOWN: Final = 5
_DAY: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stood when it was read.

    ``events`` are the lines as published in the schema, in order. ``torn`` counts lines that are no whole event:
    the last one of a process that died in writing it, or one that a full disk cut off.
    """

    path: Path
    call_id: str
    status: Status
    events: tuple[dict[str, Any], ...]
    torn: int = 0


@dataclass(frozen=True, slots=True)
class RecordHead:
    """What a list shows of a record. ``summary`` is that of ``call.ended``, ``None`` while there is none."""

    path: Path
    call_id: str
    status: Status
    started_at: datetime | None
    personas: tuple[str, ...]
    summary: dict[str, Any] | None


def read_record(path: Path) -> Record:
    """Read a whole record.

    Raises:
        RecordError: it cannot be read, or holds no event at all.
    """
    held, raw = _read(path)  # asked in this order: a call that ends between the two reads as ended
    lines = [line for line in raw.split(b"\n") if line.strip()]
    events = tuple(event for line in lines if (event := _event(line)) is not None)
    if not events and not held:
        raise RecordError(f"{path} is no call record: not one line of it is an event.")
    return Record(path, path.stem, _status(events[-1:], held=held), events, len(lines) - len(events))


def list_records(directory: Path, *, limit: int | None = None, persona: str | None = None) -> list[RecordHead]:
    """The records in a directory, newest first; only those in which ``persona`` took part, when it is given."""
    heads = (read_head(path) for path in _paths(directory))
    return list(islice((head for head in heads if persona is None or persona in head.personas), limit))


def find_record(directory: Path, call_id: str) -> Path:
    """The record of a call.

    Args:
        directory: of all records.
        call_id: the id, the beginning of one that no other shares, or ``last``.

    Raises:
        RecordError: there is no such record, or more than one; the message names candidates.
    """
    paths = list(_paths(directory))
    if call_id == LAST:
        if not paths:
            raise RecordError(f"there are no call records in {directory}.")
        return paths[0]
    found = [path for path in paths if path.stem == call_id] or [
        path for path in paths if call_id and path.stem.startswith(call_id)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise RecordError(f"{len(found)} calls begin with {call_id!r}: {_names(found)}. Give more of the id.")
    raise RecordError(f"there is no record of a call {call_id!r} in {directory}. The latest are: {_names(paths)}.")


def read_head(path: Path) -> RecordHead:
    """What a list shows of a record.

    Raises:
        RecordError: it cannot be read.
    """
    held, raw = _read(path)
    lines = raw.split(b"\n")
    ends = [event for line in (lines[0], _last(lines)) if (event := _event(line)) is not None]
    summary = ends[-1].get("summary") if ends else None
    return RecordHead(
        path=path,
        call_id=path.stem,
        status=_status(ends[-1:], held=held),
        started_at=_moment(ends[0]) if ends else None,
        personas=tuple(summary["personas"]) if summary else _entered(lines),
        summary=summary,
    )


def _paths(directory: Path) -> Iterator[Path]:
    """Newest day first, and in a day by the time of the first line."""
    for day in sorted(directory.glob(_DAY), reverse=True):
        yield from sorted(day.glob(f"*{SUFFIX}"), key=_began, reverse=True)


def _began(path: Path) -> tuple[str, str]:
    """The time of the first line; as all are written alike, in UTC, their texts sort as the times do."""
    with path.open("rb") as file:
        event = _event(file.readline())
    return (event or {}).get("at", ""), path.stem


def _read(path: Path) -> tuple[bool, bytes]:
    try:
        return is_held(path), path.read_bytes()
    except OSError as error:
        raise RecordError(f"the call record {path} cannot be read ({error.strerror}).") from error


def _event(line: bytes) -> dict[str, Any] | None:
    """The event on a line, or ``None`` when the line is not whole."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event and "at" in event else None


def _last(lines: Sequence[bytes]) -> bytes:
    return next((line for line in reversed(lines) if _event(line) is not None), b"")


def _status(last: Sequence[dict[str, Any]], *, held: bool) -> Status:
    if last and last[-1]["event"] == "call.ended":
        return "ended"
    return "running" if held else "interrupted"


def _entered(lines: Sequence[bytes]) -> tuple[str, ...]:
    events = (_event(line) for line in lines if b'"persona.entered"' in line)
    return tuple(event["name"] for event in events if event is not None and event["event"] == "persona.entered")


def _moment(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def _names(paths: Sequence[Path]) -> str:
    shown = ", ".join(path.stem for path in paths[:_CANDIDATES_SHOWN])
    return (shown or "none") + (" …" if len(paths) > _CANDIDATES_SHOWN else "")
