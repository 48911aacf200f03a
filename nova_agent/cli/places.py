"""Folders that a command is going to write to, tried before anything else is begun."""

from __future__ import annotations

import os
from pathlib import Path

from nova_agent.errors import RecordError


def writable_folder(folder: Path, *, remedy: str) -> Path:
    """Make the folder if need be, and return it when files can be made in it.

    Args:
        folder: where something is to be written.
        remedy: what to do when it cannot, one sentence.

    Raises:
        RecordError: it cannot be made or written.
    """
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise RecordError(f"the folder {folder} cannot be written ({error.strerror or error}). {remedy}") from error
    return folder


def record_folder(folder: Path) -> Path:
    """Return the folder of the call records when it can be written.

    Raises:
        RecordError: it cannot be made or written.
    """
    return writable_folder(folder, remedy="Let this user write to it, or set NOVA_RECORD__DIRECTORY to another one.")
