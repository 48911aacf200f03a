"""The file under a call record: append-only, one write per line, locked while its writer lives."""

from __future__ import annotations

import contextlib
import fcntl
import os
from datetime import date
from pathlib import Path
from typing import Final, Self

from nova_agent.errors import RecordError

SUFFIX: Final = ".jsonl"


class RecordFile:
    """Lines appended to one file, each with one unbuffered write, so that a killed process loses none.

    A lock on the file (``flock``) lasts exactly as long as the process that writes it, however it ends: that is
    how a reader tells a call that is going on from one that was interrupted.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path: Final = path
        self._descriptor = descriptor
        self._torn = False

    @classmethod
    def create(cls, directory: Path, day: date, call_id: str) -> Self:
        """Make ``<directory>/<YYYY-MM-DD>/<call_id>.jsonl``.

        Raises:
            RecordError: the file is there already, or cannot be made.
        """
        path = directory / day.isoformat() / f"{call_id}{SUFFIX}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        except FileExistsError as error:
            raise RecordError(f"{path} is there already: every call needs an id of its own.") from error
        except OSError as error:
            raise RecordError(
                f"the call record {path} cannot be made ({error.strerror}). "
                "Let this user write to the folder, or set NOVA_RECORD__DIRECTORY to another one."
            ) from error
        with contextlib.suppress(OSError):  # a file system without locks: a running call reads as interrupted
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return cls(path, descriptor)

    def append(self, line: bytes) -> None:
        """Write one line; ``line`` ends in a newline.

        Raises:
            OSError: it could not be written, or not whole.
        """
        if self._torn:
            line = b"\n" + line  # so that a line cut off by a full disk spoils no other
        written = os.write(self._descriptor, line)
        self._torn = written < len(line)
        if self._torn:
            raise OSError(f"only {written} of {len(line)} bytes were written")

    def close(self) -> None:
        """Close the file, which gives up its lock."""
        os.close(self._descriptor)


def is_held(path: Path) -> bool:
    """Whether the process that writes this record is alive."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
