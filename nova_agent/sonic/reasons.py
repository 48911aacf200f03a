"""The ways in which a stream ends or does not open, and how often each is worth another try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a stream is no more, and what may be done about it.

    Attributes:
        reason: stable and in kebab-case: metrics and alarms match on it.
        retry: another stream may be asked for at the same place.
        other_region: another region may help at once.
        replay: what the caller said may be sent again.
        keep_history: the next stream may be told the same history.
        delay_s: a wait that gives the same place a chance; Nova Sonic's own wish, if it had one.
        retries: so many in a row at most; ``None``: as the budget allows.
    """

    reason: str
    retry: bool = True
    other_region: bool = False
    replay: bool = True
    keep_history: bool = True
    delay_s: float = 0.0
    retries: int | None = None


_FAILURES: Final = (
    # The service is in trouble, or says so.
    Failure("throttled", other_region=True, delay_s=1.0),
    Failure("internal-error", other_region=True),
    Failure("service-unavailable", other_region=True, delay_s=0.5),
    Failure("system-instability", other_region=True),
    Failure("model-error", other_region=True),
    Failure("model-not-ready", other_region=True, delay_s=0.5),
    Failure("model-stream-error"),
    Failure("model-timeout"),
    Failure("transport-reset"),
    Failure("ended"),
    Failure("idle"),
    # The way to it. After a wait that ran out, a second one at the same place is no good bet.
    Failure("cut"),
    Failure("bad-frame"),
    Failure("unreachable", other_region=True, delay_s=0.5),
    Failure("open-timeout", other_region=True),
    Failure("send-blocked", other_region=True),
    # A noise that was taken for speech has no answer either: only the second one in a row is the region's.
    Failure("no-answer"),
    # It does not like what it was sent.
    Failure("content-filter", replay=False),
    Failure("history-refused", keep_history=False),
    Failure("tool-result-refused"),
    Failure("invalid-input"),
    Failure("voice-unknown", retry=False),
    # It does not let us in. New credentials are not known everywhere at once.
    Failure("credentials-expired", delay_s=0.5, retries=2),
    Failure("credentials-refused", delay_s=0.5, retries=2),
    Failure("no-credentials", delay_s=0.5, retries=1),
    Failure("access-denied", retry=False, other_region=True),
    Failure("quota", retry=False, other_region=True),
    Failure("model-not-found", retry=False, other_region=True),
    Failure("too-many-streams", retry=False),
    Failure("no-place-yet", delay_s=0.5),
    Failure("misconfigured", retry=False),
    Failure("unknown", retries=2),
)

FAILURES: Final[Mapping[str, Failure]] = {failure.reason: failure for failure in _FAILURES}
"""Every failure by its reason."""
