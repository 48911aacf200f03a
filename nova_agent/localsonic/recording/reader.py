"""Reads a recording, and says which line is wrong and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from nova_agent.errors import ContentInvalid
from nova_agent.localsonic.recording.entries import FORMAT, KINDS, VERSION, AnyEntry, Header


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as it stands in its file. ``entries`` are paired with their line numbers, counted from one."""

    path: Path
    header: Header
    entries: tuple[tuple[int, AnyEntry], ...]


def read_recording(path: Path) -> Recording:
    """Read and check a whole file. Only its last line may be cut off, as a killed recorder leaves it.

    Raises:
        ContentInvalid: the first thing that is wrong, as ``file: line N: what is wrong``.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentInvalid(f"{path}: cannot be read: {error}") from error
    if not lines[0].strip():
        raise ContentInvalid(f"{path}: line 1: is empty; a recording begins with its header.")
    header = _header(path, lines[0])
    complete = lines[1:-1]  # what follows the last newline is empty, or was being written when the recorder died
    entries = tuple((number, _entry(path, number, line)) for number, line in enumerate(complete, start=2))
    return Recording(path, header, entries)


def _header(path: Path, line: str) -> Header:
    value = _object(path, 1, line)
    if value.get("format") != FORMAT:
        raise ContentInvalid(f"{path}: line 1: is not the header of a recording: it has no format {FORMAT!r}.")
    if value.get("version") != VERSION:
        found = value.get("version")
        raise ContentInvalid(
            f"{path}: line 1: version {found!r} cannot be read here; record again (version {VERSION})."
        )
    return _validated(Header, path, 1, line)


def _entry(path: Path, number: int, line: str) -> AnyEntry:
    value = _object(path, number, line)
    kinds = [kind for kind in KINDS if kind in value]
    if len(kinds) != 1:
        found = f"has {' and '.join(kinds)}" if kinds else "has none"
        raise ContentInvalid(f"{path}: line {number}: {found}; it takes exactly one of {', '.join(KINDS)}.")
    return _validated(KINDS[kinds[0]], path, number, line)


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ContentInvalid(f"{path}: line {number}: is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ContentInvalid(f"{path}: line {number}: is no JSON object.")
    return value


def _validated[Line: BaseModel](kind: type[Line], path: Path, number: int, line: str) -> Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ContentInvalid(f"{path}: line {number}: {field}: {first['msg']}.") from error
