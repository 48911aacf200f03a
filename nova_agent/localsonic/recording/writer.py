"""Writes one stream's recording, line by line, so that a killed recorder leaves a usable file."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from nova_agent.errors import RecordError
from nova_agent.localsonic.recording.entries import AnyEntry, Header

_OWNER_ONLY: Final = 0o600


class RecordingWriter:
    """Appends to a file that only its owner may read. ``elapsed_ms`` counts from the writer's making."""

    def __init__(self, path: Path, header: Header, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Create the file with its header.

        Raises:
            RecordError: it cannot be created.
        """
        self._path = path
        self._monotonic = monotonic
        self._started = monotonic()
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, _OWNER_ONLY)
        except OSError as error:
            raise RecordError(f"{path}: the recording cannot be created: {error.strerror}.") from error
        self._append(header.model_dump_json())

    @classmethod
    def create(cls, folder: Path, header: Header) -> Self:
        """Start a recording in the folder, which is made if need be; its name has the time and a short id.

        Raises:
            RecordError: the folder or the file cannot be created.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecordError(f"{folder}: cannot be a folder for recordings: {error.strerror}.") from error
        return cls(folder / recording_name(header.recorded_at), header)

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def elapsed_ms(self) -> int:
        return round((self._monotonic() - self._started) * 1000)

    def write(self, entry: AnyEntry) -> None:
        """Append one line.

        Raises:
            RecordError: the disk is full, or the file is gone.
        """
        self._append(entry.model_dump_json())

    def close(self) -> None:
        os.close(self._descriptor)

    def _append(self, line: str) -> None:
        data = line.encode() + b"\n"
        try:
            # Written at once: nothing waits in a buffer that a kill would lose.
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            raise RecordError(f"{self._path}: the recording cannot be written: {error.strerror}.") from error


def recording_name(at: datetime) -> str:
    """``20261124T191008Z-4f2a9c.jsonl``; ``at`` is in UTC."""
    return f"{at:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}.jsonl"
