"""What ended a stream, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from aws_sdk_bedrock_runtime import models
from awscrt.exceptions import AwsCrtError
from smithy_aws_event_stream.exceptions import ChecksumMismatch, InvalidEventBytes, UnmodeledEventError
from smithy_core.exceptions import CallError, ClientTimeoutError, SmithyError

from nova_agent.errors import SonicError
from nova_agent.localsonic import rejections
from nova_agent.localsonic.faults import texts
from nova_agent.localsonic.faults.catalogue import CATALOGUE, Fault, Kind
from nova_agent.sonic.failures import FAILURES, classify

OPERATION = "com.amazonaws.bedrockruntime#InvokeModelWithBidirectionalStream"


def response(status: int, name: str) -> BaseException:
    """What the SDK raises for an HTTP error: a class of its own, or a message that smithy_http 0.6 makes."""
    if (modelled := getattr(models, name, None)) is not None:
        return modelled(message=texts.REFUSALS[name].message)  # type: ignore[no-any-return]
    identity = f" - id: com.amazonaws.bedrockruntime#{name}" if name else ""
    return CallError(message=f"Unknown error for operation {OPERATION} - status: {status}{identity}")


def frame(exception: str, text: str) -> BaseException:
    name = exception[0].upper() + exception[1:]
    return getattr(models, name)(message=text)  # type: ignore[no-any-return]


CLOSED = ClientTimeoutError(message="A timeout error occurred.")

# What the SDK shows of the faults that are neither an exception frame nor an HTTP error; see
# tests/e2e/localsonic/test_faults.py. The second figure: the stream had begun to serve.
SHOWN: dict[str, tuple[BaseException | None, bool]] = {
    "unknown-exception": (KeyError("accessDeniedException"), True),
    "error-frame": (UnmodeledEventError("InternalError", "The stream has failed."), True),
    "truncated-frame": (InvalidEventBytes(), True),
    "corrupt-checksum": (ChecksumMismatch(1, 2), True),
    "corrupt-prelude": (ChecksumMismatch(1, 2), True),
    "silent-end": (None, True),
    "rst": (None, True),
    "mute": (TimeoutError("no-answer"), True),
    "trickle": (TimeoutError("no-answer"), True),
    "blocked-window": (TimeoutError(), True),
    "slow-headers": (TimeoutError(), False),
    "no-headers": (TimeoutError(), False),
    "tcp-cut": (None, True),
    "tcp-close": (None, True),
    "goaway": (None, True),
    "tls-failure": (CLOSED, False),
    "tls-stall": (TimeoutError(), False),
    "refused": (CLOSED, False),
}

REASONS = {
    "internalServerException": "internal-error",
    "modelStreamErrorException": "model-stream-error",
    "validationException": "invalid-input",
    "throttlingException": "throttled",
    "modelTimeoutException": "model-timeout",
    "serviceUnavailableException": "service-unavailable",
    "rst-531": "transport-reset",
    "idle-532": "idle",
    "system-instability": "system-instability",
    "content-filter": "content-filter",
    "invalid-input": "invalid-input",
    "unknown-exception": "access-denied",
    "error-frame": "internal-error",
    "truncated-frame": "bad-frame",
    "corrupt-checksum": "bad-frame",
    "corrupt-prelude": "bad-frame",
    "silent-end": "ended",
    "rst": "ended",
    "mute": "no-answer",
    "trickle": "no-answer",
    "blocked-window": "send-blocked",
    "slow-headers": "open-timeout",
    "no-headers": "open-timeout",
    "tcp-cut": "ended",
    "tcp-close": "ended",
    "goaway": "ended",
    "http-400-quota": "quota",
    "http-403": "credentials-refused",
    "http-404": "model-not-found",
    "http-408": "model-timeout",
    "http-424": "model-error",
    "http-429": "throttled",
    "http-500": "internal-error",
    "http-503": "service-unavailable",
    "tls-failure": "unreachable",
    "tls-stall": "open-timeout",
    "refused": "unreachable",
}


def shown(fault: Fault) -> tuple[BaseException | None, bool]:
    if fault.kind is Kind.EXCEPTION:
        return frame(str(fault.exception), fault.text), True
    if fault.kind is Kind.REFUSAL:
        name = str(fault.value(""))
        return response(texts.REFUSALS[name].status, name), False
    return SHOWN[fault.name]


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_fault_of_the_catalogue_has_its_reason(name: str) -> None:
    error, opened = shown(CATALOGUE[name])
    assert classify(error, opened=opened).reason == REASONS[name]


@pytest.mark.parametrize("name", [name for name, fault in CATALOGUE.items() if "turn" in fault.strikes])
def test_a_stream_that_served_is_always_worth_another_one(name: str) -> None:
    error, opened = shown(CATALOGUE[name])
    assert classify(error, opened=opened).retry


def modelled() -> Iterator[type[Exception]]:
    for kind in vars(models).values():
        if isinstance(kind, type) and issubclass(kind, models.ServiceError) and kind is not models.ServiceError:
            yield kind


@pytest.mark.parametrize("kind", [kind for kind in modelled() if kind is not models.ConflictException])
def test_no_error_of_the_sdk_is_unknown(kind: type[Exception]) -> None:
    assert classify(kind("?"), opened=False).reason != "unknown"


@pytest.mark.parametrize("prefix", ["", "RequestId=1f0c : ", "RequestId=1f0c : Error(s):\nError 1 : "])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rejections.IDLE, "idle"),
        (rejections.NO_INPUT, "idle"),
        (rejections.HISTORY_TOO_LONG, "history-refused"),
        (rejections.HISTORY_AFTER_AUDIO, "history-refused"),
        (rejections.SYSTEM_TWICE, "history-refused"),
        (rejections.SYSTEM_FIRST, "history-refused"),
        (rejections.TOOL_RESULT_UNPARSEABLE, "tool-result-refused"),
        (rejections.TOOL_RESULT_MEDIA_TYPE, "tool-result-refused"),
        (str(rejections.invalid_voice("Carlos")), "voice-unknown"),
        (rejections.UNPARSEABLE, "invalid-input"),
        ("The provided model identifier is invalid.", "model-not-found"),
        ("Something that nobody has seen yet.", "invalid-input"),
    ],
)
def test_a_validation_says_in_words_what_it_means(prefix: str, text: str, reason: str) -> None:
    assert classify(models.ValidationException(message=prefix + text), opened=True).reason == reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (response(403, "AccessDeniedException"), "access-denied"),
        (response(403, "ExpiredTokenException"), "credentials-expired"),
        (response(403, "InvalidSignatureException"), "credentials-refused"),
        (response(403, ""), "access-denied"),
        (response(400, "NobodyKnowsException"), "invalid-input"),
        (response(429, ""), "throttled"),
        (response(502, ""), "service-unavailable"),
        (AwsCrtError(1, "AWS_IO_DNS_INVALID_NAME", "no such host"), "unreachable"),
        (ConnectionRefusedError(), "unreachable"),
        (SonicError("there are no AWS credentials; set them"), "no-credentials"),
        (SonicError("ca.pem: cannot be read as certificate authorities"), "misconfigured"),
        (ZeroDivisionError(), "unknown"),
    ],
)
def test_what_keeps_a_stream_from_opening_has_its_reason(error: BaseException, reason: str) -> None:
    assert classify(error, opened=False).reason == reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError("Failed to read from stream."), "cut"),
        (AwsCrtError(1, "AWS_ERROR_HTTP_CONNECTION_CLOSED", "closed"), "cut"),
        (KeyError("voice"), "unknown"),
        (KeyError(), "unknown"),
        (ValueError("?"), "unknown"),
    ],
)
def test_what_breaks_a_stream_has_its_reason(error: BaseException, reason: str) -> None:
    assert classify(error, opened=True).reason == reason


@pytest.mark.parametrize(("name", "reason"), [("SendBlocked", "send-blocked"), ("NotOpened", "open-timeout")])
def test_our_own_errors_are_known_by_name(name: str, reason: str) -> None:
    assert classify(type(name, (Exception,), {})(), opened=True).reason == reason


def test_only_what_the_filter_blocked_is_not_said_again() -> None:
    assert [failure.reason for failure in FAILURES.values() if not failure.replay] == ["content-filter"]


def test_a_refusal_before_a_stream_serves_may_be_for_its_history() -> None:
    error = models.ValidationException(message=rejections.INVALID_INPUT)
    assert not classify(error, opened=False).keep_history
    assert classify(error, opened=True).keep_history


def test_who_is_not_let_in_may_only_try_elsewhere() -> None:
    refused = classify(models.AccessDeniedException(message="no"), opened=False)
    assert (refused.retry, refused.other_region) == (False, True)


def test_who_was_let_in_before_may_try_once_more() -> None:
    denied = classify(models.AccessDeniedException(message="no"), opened=True)
    assert (denied.retry, denied.retries) == (True, 1)


def test_the_services_own_wish_is_heard_within_reason() -> None:
    assert classify(models.ThrottlingException(message="", retry_after=4.0), opened=False).delay_s == 4.0
    assert classify(models.ThrottlingException(message="", retry_after=3600.0), opened=False).delay_s == 30.0


def test_reasons_are_kebab_case_and_each_is_there_once() -> None:
    assert all(reason == reason.lower() and " " not in reason for reason in FAILURES)
    assert all(one != other for one, other in pairwise(sorted(FAILURES)))


def test_what_the_sdk_wraps_is_looked_for_inside() -> None:
    wrapped = SmithyError("AWS_IO_SOCKET_CONNECTION_REFUSED: socket connection refused.")
    wrapped.__cause__ = ConnectionRefusedError()
    assert classify(wrapped, opened=False).reason == "unreachable"
