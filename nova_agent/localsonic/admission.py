"""Who gets a stream: what the service checks before it opens one. No I/O.

Statuses and names: the error shapes of the AWS SDKs. Which of them the service picks for a cause is confirmed for 403
only (a bearer token, on Nova 2.5 Sonic); the texts of 403 are those that other AWS services use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import structlog

from nova_agent.localsonic.config import LocalSonicConfig
from nova_agent.localsonic.http2 import Request
from nova_agent.localsonic.models import Model, Refusal, find_model
from nova_agent.localsonic.rejections import StreamRejected
from nova_agent.localsonic.routes import NOTHING_HERE, invoked_model

_log = structlog.get_logger(__name__)

_SCOPE: Final = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/,\s]+/(?P<service>[^/,\s]+)/aws4_request\b")
_SIGNED_HEADERS: Final = re.compile(r"\bSignedHeaders=[^,\s]+")
_SIGNATURE: Final = re.compile(r"\bSignature=[0-9a-f]{64}(?![^,\s])")
_EVENT_STREAM: Final = "application/vnd.amazon.eventstream"
_SIGNED_EVENTS: Final = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
_NO_TOKEN: Final = Refusal(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
_BEARER: Final = Refusal(
    403, "AccessDeniedException", "Bearer token authentication is not supported for this operation."
)
_UNSIGNED: Final = Refusal(
    403,
    "InvalidSignatureException",
    "The request is not signed with AWS Signature Version 4 for an event stream "
    f"(x-amz-content-sha256: {_SIGNED_EVENTS}).",
)
_INCOMPLETE: Final = Refusal(
    403,
    "IncompleteSignatureException",
    "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters, "
    "and existence of either an 'X-Amz-Date' or a 'Date' header.",
)
_WRONG_TYPE: Final = Refusal(400, "ValidationException", f"The content type of the request must be {_EVENT_STREAM}.")
_WRONG_SERVICE: Final = Refusal(
    403, "InvalidSignatureException", "Credential should be scoped to correct service: 'bedrock'."
)
# Not the service's quota, which is a switch: what this machine is good for.
_FULL: Final = Refusal(503, "ServiceUnavailableException", "This endpoint has no room for another stream.")
_TOO_MANY: Final = "Too many concurrent streams, please wait before trying again."


@dataclass(frozen=True, slots=True)
class Admitted:
    """A stream may open; ``rejection`` is what its first event gets, if anything."""

    model: Model
    rejection: StreamRejected | None = None


class Admission:
    """Judges requests by the endpoint's profile and switches."""

    def __init__(self, config: LocalSonicConfig) -> None:
        self._lenient = config.profile == "lenient"
        self._switches = config.switches
        self._most_streams = config.limits.streams

    def judge(self, request: Request, *, open_streams: int) -> Admitted | Refusal:
        """Admit the request or say with which HTTP error it is refused."""
        model_id = invoked_model(request)
        if model_id is None:
            return NOTHING_HERE
        if open_streams >= self._most_streams:
            return _FULL
        refusal = _authorisation(request) or _content_type(request)
        if refusal is not None and not self._forgives(refusal):
            return refusal
        model = find_model(model_id, serves_version_1=self._switches.version_1 == "served")
        return model if isinstance(model, Refusal) else self._counted(model, open_streams)

    def _counted(self, model: Model, open_streams: int) -> Admitted | Refusal:
        limit = self._switches.concurrent_streams
        if not limit or open_streams < limit:
            return Admitted(model)
        refusal = Refusal(429, "ThrottlingException", _TOO_MANY)
        if self._forgives(refusal):
            return Admitted(model)
        if self._switches.over_quota == "http-429":
            return refusal
        return Admitted(model, StreamRejected(_TOO_MANY, "throttlingException"))

    def _forgives(self, refusal: Refusal) -> bool:
        if self._lenient:
            _log.warning("localsonic.violation_forgiven", reason=refusal.message, outcome="a stream was opened")
        return self._lenient


def _authorisation(request: Request) -> Refusal | None:
    authorization = request.headers.get("authorization", "")
    if not authorization:
        return _NO_TOKEN
    if authorization.lower().startswith("bearer "):
        return _BEARER
    if not authorization.startswith("AWS4-HMAC-SHA256 "):
        return _UNSIGNED
    scope = _SCOPE.search(authorization)
    if scope is None or not _is_complete(request, authorization):
        return _INCOMPLETE
    if request.headers.get("x-amz-content-sha256", _SIGNED_EVENTS) != _SIGNED_EVENTS:
        return _UNSIGNED
    return None if scope["service"] == "bedrock" else _WRONG_SERVICE


def _is_complete(request: Request, authorization: str) -> bool:
    dated = "x-amz-date" in request.headers or "date" in request.headers
    return dated and all(part.search(authorization) for part in (_SIGNED_HEADERS, _SIGNATURE))


def _content_type(request: Request) -> Refusal | None:
    given = request.headers.get("content-type", _EVENT_STREAM)
    return None if given.partition(";")[0].strip().lower() == _EVENT_STREAM else _WRONG_TYPE
