"""From whatever the Python SDK raises to the reason that it stands for. Pure, no I/O.

``tests/e2e/localsonic/test_faults.py`` measures what the SDK raises for what (aws_sdk_bedrock_runtime 0.12). Texts
of the service: livekit/agents issues 2874, 4250, 6042, pipecat issues 2871, 3122, sample-sonic-cdk-agent issues.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from json import JSONDecodeError
from typing import Final

from awscrt.exceptions import AwsCrtError
from smithy_aws_event_stream.exceptions import EventError, UnmodeledEventError
from smithy_core.exceptions import CallError, ClientTimeoutError, SerializationError
from smithy_http.exceptions import SmithyHTTPError

from nova_agent.errors import SonicError
from nova_agent.sonic.backoff import Backoff
from nova_agent.sonic.reasons import FAILURES, Failure

__all__ = ["FAILURES", "Backoff", "Failure", "classify"]

_RETRY_AFTER_LIMIT_S: Final = 30.0

_TEXTS: Final = (
    ("531::", "transport-reset"),
    ("RST_STREAM closed stream", "transport-reset"),
    ("532::", "idle"),
    ("Timed out waiting for", "idle"),
    ("System instability", "system-instability"),
    ("content filter", "content-filter"),
    ("Chat history", "history-refused"),
    ("SYSTEM role", "history-refused"),
    ("Duplicate SYSTEM", "history-refused"),
    ("Tool Response parsing", "tool-result-refused"),
    ("Tool result media type", "tool-result-refused"),
    ("Received invalid id", "voice-unknown"),
    ("model identifier", "model-not-found"),
    ("on-demand throughput", "model-not-found"),
)
"""Of a validationException, which stands for everything that has no type of its own."""

_NAMES: Final[Mapping[str, str]] = {
    "Throttling": "throttled",
    "TooManyRequests": "throttled",
    "InternalServer": "internal-error",
    "Internal": "internal-error",
    "InternalFailure": "internal-error",
    "ServiceUnavailable": "service-unavailable",
    "ModelStreamError": "model-stream-error",
    "ModelTimeout": "model-timeout",
    "ModelError": "model-error",
    "ModelNotReady": "model-not-ready",
    "Validation": "invalid-input",
    "ServiceQuotaExceeded": "quota",
    "ResourceNotFound": "model-not-found",
    "AccessDenied": "access-denied",
    "ExpiredToken": "credentials-expired",
    "UnrecognizedClient": "credentials-refused",
    "InvalidSignature": "credentials-refused",
    "IncompleteSignature": "credentials-refused",
    "MissingAuthenticationToken": "credentials-refused",
    "InvalidClientTokenId": "credentials-refused",
    # Our own, of modules that may not be imported here.
    "SendBlocked": "send-blocked",
    "NotOpened": "open-timeout",
    "NoAnswer": "no-answer",
    "TooManyStreams": "too-many-streams",
    "NoPlaceYet": "no-place-yet",
}
"""By the name of a type, without ``Exception`` or ``Error`` at its end."""

_STATUSES: Final = {403: "access-denied", 404: "model-not-found", 408: "model-timeout", 429: "throttled"}
_WRONG_BYTES: Final = (EventError, SerializationError, JSONDecodeError, UnicodeDecodeError)
_LOST_CONNECTIONS: Final = (ClientTimeoutError, AwsCrtError, SmithyHTTPError, OSError, EOFError)
_EXPIRED: Final = "Provided identity expired"
"""What the signer says (aws_sdk_signers 0.4), before anything is sent."""
_UNMODELED: Final = re.compile(r"status: (?P<status>\d+)(?: - id: \S*?#?(?P<name>\w+)(?:\s|$))?")
"""The message that smithy_http 0.6 gives a response for which the SDK has no class."""


def classify(error: BaseException | None, *, opened: bool) -> Failure:
    """Say what happened.

    Args:
        error: what was raised; ``None`` when the stream ended without a word.
        opened: the stream had begun to serve. Who was let in a moment ago is worth one more try, whatever he is told
            now; and what a stream refuses before it serves may be its history.
    """
    if error is None:
        return FAILURES["ended"]
    failure = FAILURES[_reason(error, opened=opened)]
    if not opened and failure.reason == "invalid-input":
        return replace(failure, keep_history=False)
    if opened and not failure.retry:
        failure = replace(failure, retry=True, retries=1)
    wish_s = getattr(error, "retry_after", None)
    return replace(failure, delay_s=min(float(wish_s), _RETRY_AFTER_LIMIT_S)) if wish_s else failure


def _reason(error: BaseException, *, opened: bool) -> str:
    reason = _NAMES.get(_stem(type(error).__name__))
    if reason == "invalid-input":
        return _said(str(error)) or reason
    return reason or _by_kind(error, opened=opened)


def _by_kind(error: BaseException, *, opened: bool) -> str:
    match error:
        case TimeoutError():
            # Whoever sets a limit may name what it was for.
            reason = "send-blocked" if opened else "open-timeout"
            return str(error) if str(error) in FAILURES else reason
        case UnmodeledEventError():
            return _named(error.code)
        case KeyError():
            # What the SDK raises for an exception frame of a name that it has no class for.
            return _named(str(error).strip("'"))
        case SonicError():
            return "no-credentials" if "credentials" in str(error) else "misconfigured"
        case CallError() if not isinstance(error, ClientTimeoutError):
            return _of_response(error)
    return _of_transport(error, opened=opened)


def _of_transport(error: BaseException, *, opened: bool) -> str:
    if isinstance(error, _WRONG_BYTES):
        return "bad-frame"
    if isinstance(error, _LOST_CONNECTIONS):
        return "cut" if opened else "unreachable"
    if _EXPIRED in str(error):
        return "credentials-expired"
    # The SDK wraps what it has no class for.
    return "unknown" if error.__cause__ is None else _reason(error.__cause__, opened=opened)


def _of_response(error: CallError) -> str:
    found = _UNMODELED.search(error.message)
    if found is None:
        return "throttled" if error.is_throttling_error else "unknown"
    status = int(found["status"])
    by_status = _STATUSES.get(status, "service-unavailable" if status >= 500 else "invalid-input")
    return _named(found["name"] or "", otherwise=by_status)


def _named(name: str, *, otherwise: str = "unknown") -> str:
    return _NAMES.get(_stem(name), otherwise)


def _said(text: str) -> str | None:
    return next((reason for part, reason in _TEXTS if part in text), None)


def _stem(name: str) -> str:
    name = name[:1].upper() + name[1:]
    return name.removesuffix("Exception") if name.endswith("Exception") else name.removesuffix("Error")
