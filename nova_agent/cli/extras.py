"""Says which command installs what is missing, when a command needs an optional part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nova_agent.errors import MissingExtra

_OURS = ("nova_agent", "personas", "settings")


@contextmanager
def local_parts(purpose: str) -> Iterator[None]:
    """Wrap the import of offline parts, whose packages come with the extra ``local``.

    Args:
        purpose: what they are needed for; the message begins with it.

    Raises:
        MissingExtra: a package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if not missing or missing in _OURS:
            raise
        raise MissingExtra("local", missing, purpose) from error
