"""Every fault by name: what the client sees on the wire, and where it may strike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Final

from nova_agent.localsonic.faults import arguments, texts
from nova_agent.localsonic.faults.arguments import Value
from nova_agent.localsonic.rejections import INVALID_INPUT, ExceptionName

CONNECT: Final = frozenset({"connect"})
OPEN: Final = frozenset({"open"})
STREAM: Final = frozenset({"open", "event", "turn", "audio", "tool", "seconds", "now"})
EXAMPLE_POINTS: Final = {"turn": "turn=1", "open": "open", "connect": "connect"}


class Kind(Enum):
    """Which part of the endpoint carries a fault out."""

    EXCEPTION = "exception"
    """An exception frame, then END_STREAM."""
    LAST_WORDS = "last words"
    """Bytes that are wrong in themselves, or none, then END_STREAM."""
    STREAM = "stream"
    """The HTTP/2 stream: reset, slowed, blocked."""
    CONNECTION = "connection"
    """The connection with all its streams."""
    HEADERS = "headers"
    """The response headers are held back."""
    REFUSAL = "refusal"
    """An HTTP error instead of a stream."""
    HANDSHAKE = "handshake"
    """The connection never gets as far as HTTP."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry. ``sentence`` is what the client sees; ``parse`` reads the argument, ``None`` takes none.

    ``exception`` and ``text`` belong to exceptions and refusals. ``is_confirmed``: somebody has seen that text on the
    real service.
    """

    name: str
    kind: Kind
    sentence: str
    strikes: frozenset[str] = STREAM
    argument: str = ""
    parse: Callable[[str], Value] | None = None
    default: Value = None
    exception: ExceptionName | None = None
    text: str = ""
    is_confirmed: bool = True

    @property
    def example(self) -> str:
        """The fault in a plan, at the first point of :data:`EXAMPLE_POINTS` where it may strike."""
        return f"{self.name}@{next(point for kind, point in EXAMPLE_POINTS.items() if kind in self.strikes)}"

    def value(self, argument: str) -> Value:
        """Read the argument's text; an empty one is the default.

        Raises:
            ValueError: the fault takes no argument, or not this one.
        """
        if not argument:
            return self.default
        if self.parse is None:
            raise ValueError(f"{self.name} takes no argument, so not {argument!r}")
        try:
            return self.parse(argument)
        except ValueError as error:
            raise ValueError(f"{self.name} does not take {argument!r}: {error}") from error


def _exception(exception: ExceptionName, text: str, *, confirmed: bool) -> Fault:
    sentence = f"an exception frame {exception}, then END_STREAM"
    return Fault(
        exception,
        Kind.EXCEPTION,
        sentence,
        argument="TEXT",
        parse=str,
        exception=exception,
        text=text,
        is_confirmed=confirmed,
    )


def _validation(name: str, text: str) -> Fault:
    sentence = "an exception frame validationException with this text, then END_STREAM"
    return Fault(name, Kind.EXCEPTION, sentence, exception="validationException", text=text)


def _refusal(name: str, status: int, *error_types: str) -> Fault:
    return Fault(
        name,
        Kind.REFUSAL,
        f"HTTP {status}, x-amzn-errortype {' or '.join(error_types)}, and a JSON message",
        OPEN,
        argument="ERROR-TYPE" if len(error_types) > 1 else "",
        parse=arguments.one_of(error_types) if len(error_types) > 1 else None,
        default=error_types[0],
    )


_EXCEPTIONS: Final = (
    _exception("internalServerException", texts.INTERNAL_SERVER, confirmed=False),
    _exception("modelStreamErrorException", texts.MODEL_STREAM_ERROR, confirmed=False),
    _exception("validationException", INVALID_INPUT, confirmed=True),
    _exception("throttlingException", texts.THROTTLING, confirmed=False),
    _exception("modelTimeoutException", texts.MODEL_TIMEOUT, confirmed=True),
    _exception("serviceUnavailableException", texts.SERVICE_UNAVAILABLE, confirmed=False),
    _validation("rst-531", texts.RST_531),
    _validation("idle-532", texts.IDLE_532),
    _validation("system-instability", texts.SYSTEM_INSTABILITY),
    _validation("content-filter", texts.CONTENT_FILTER),
    _validation("invalid-input", INVALID_INPUT),
)

_LAST_WORDS: Final = (
    Fault(
        "unknown-exception",
        Kind.LAST_WORDS,
        "an exception frame with a name that no SDK knows, then END_STREAM",
        argument="NAME",
        parse=str,
        default="accessDeniedException",
    ),
    Fault(
        "error-frame",
        Kind.LAST_WORDS,
        "a frame of `:message-type` error with `:error-code` and `:error-message`, then END_STREAM",
        argument="CODE",
        parse=str,
        default="InternalError",
    ),
    Fault("truncated-frame", Kind.LAST_WORDS, "the first half of an event-stream message, then END_STREAM"),
    Fault(
        "corrupt-checksum",
        Kind.LAST_WORDS,
        "an event-stream message whose last checksum is wrong, then END_STREAM",
    ),
    Fault("corrupt-prelude", Kind.LAST_WORDS, "an event-stream message whose first checksum is wrong, then END_STREAM"),
    Fault("silent-end", Kind.LAST_WORDS, "END_STREAM without a word"),
)

_STREAM: Final = (
    Fault(
        "rst",
        Kind.STREAM,
        "RST_STREAM with this HTTP/2 error code",
        argument="CODE",
        parse=arguments.error_code,
        default=arguments.error_code("INTERNAL_ERROR"),
    ),
    Fault(
        "mute",
        Kind.STREAM,
        "everything is accepted and nothing sent any more, not even END_STREAM; with SECONDS, for so long",
        argument="SECONDS",
        parse=arguments.seconds,
    ),
    Fault(
        "trickle",
        Kind.STREAM,
        "the rest of the response leaves at so many bytes a second",
        argument="BYTES-A-SECOND",
        parse=arguments.whole_number,
        default=2000,
    ),
    Fault(
        "blocked-window",
        Kind.STREAM,
        "the stream's flow-control window stays at nothing: what the client sends waits; with SECONDS, for so long",
        argument="SECONDS",
        parse=arguments.seconds,
    ),
    Fault(
        "slow-headers",
        Kind.HEADERS,
        "status and headers come so many seconds late",
        OPEN,
        argument="SECONDS",
        parse=arguments.seconds,
        default=3.0,
    ),
    Fault("no-headers", Kind.HEADERS, "everything is accepted, and status and headers never come", OPEN),
)

_CONNECTION: Final = (
    Fault("tcp-cut", Kind.CONNECTION, "a TCP RST, in the middle of whatever was on its way, for all streams"),
    Fault("tcp-close", Kind.CONNECTION, "TLS close_notify and a TCP FIN without END_STREAM, for all streams"),
    Fault(
        "goaway",
        Kind.CONNECTION,
        "GOAWAY with this HTTP/2 error code: open streams go on, further ones on this connection are refused",
        argument="CODE",
        parse=arguments.error_code,
        default=arguments.error_code("NO_ERROR"),
    ),
)

_REFUSALS: Final = (
    _refusal("http-400-quota", 400, "ServiceQuotaExceededException"),
    _refusal(
        "http-403",
        403,
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "ExpiredTokenException",
        "AccessDeniedException",
    ),
    _refusal("http-404", 404, "ResourceNotFoundException"),
    _refusal("http-408", 408, "ModelTimeoutException"),
    _refusal("http-424", 424, "ModelErrorException", "ModelStreamErrorException"),
    _refusal("http-429", 429, "ThrottlingException", "ModelNotReadyException"),
    _refusal("http-500", 500, "InternalServerException"),
    _refusal("http-503", 503, "ServiceUnavailableException"),
)

_HANDSHAKE: Final = (
    Fault(
        "tls-failure",
        Kind.HANDSHAKE,
        "a TLS alert as the answer to ClientHello (alert), or "
        "a certificate of an authority that nobody knows (authority)",
        CONNECT,
        argument="alert or authority",
        parse=arguments.one_of(("alert", "authority")),
        default="alert",
    ),
    Fault("tls-stall", Kind.HANDSHAKE, "TCP is accepted, and the TLS handshake never answered", CONNECT),
    Fault("refused", Kind.HANDSHAKE, "TCP is accepted, and closed before the first byte of TLS", CONNECT),
)

CATALOGUE: Final = {
    fault.name: fault for fault in (*_EXCEPTIONS, *_LAST_WORDS, *_STREAM, *_CONNECTION, *_REFUSALS, *_HANDSHAKE)
}


def find_fault(name: str) -> Fault:
    """Look a fault up by its name.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in CATALOGUE:
        raise ValueError(f"there is no fault {name!r}{suggestion(name, CATALOGUE)}")
    return CATALOGUE[name]


def suggestion(name: str, known: Iterable[str]) -> str:
    """An aside that says which name may have been meant, or which there are."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    return f" (did you mean {close[0]!r}?)" if close else f" (there are: {', '.join(names)})"
