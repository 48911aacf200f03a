"""When a stream is replaced, before anything has failed (policy, no I/O)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EXPIRY_MARGIN_S: Final = 150.0
"""Less than what :class:`SonicCredentials` takes for expiring soon, so that the next stream has new ones."""
_EXPIRY_PAUSE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """When streams are replaced, in seconds.

    ``rotate_s``: age from which the next stream is prepared. ``rotate_by_s``: age by which it serves, quiet or not; the
    service ends a stream after 480 s. ``no_answer_s``: how long the model may owe an answer, or more of one, before its
    stream is given up: shorter than callers wait before they ask again.
    """

    rotate_s: float = 360.0
    rotate_by_s: float = 420.0
    no_answer_s: float = 4.0


def time_to_rotate(left_s: float, credentials_last_s: float | None) -> tuple[float, str]:
    """In how many seconds to prepare the next stream, and why.

    Args:
        left_s: until this stream is too old.
        credentials_last_s: until the credentials expire, with which it was opened; ``None`` for never. The next stream
            is opened with new ones, so a pause keeps a chain that has no new ones yet from changing streams for ever.
    """
    if credentials_last_s is not None and credentials_last_s - EXPIRY_MARGIN_S < left_s:
        return max(_EXPIRY_PAUSE_S, credentials_last_s - EXPIRY_MARGIN_S), "credentials"
    return max(0.0, left_s), "age"
