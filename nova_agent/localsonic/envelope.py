"""The messages around the events: what a client's frames hold, and the frames that the endpoint answers with.

Client to server, an outer frame (``:date``, ``:chunk-signature``) holds one inner frame, whose payload is
``{"bytes": "<base64 of the event's JSON>"}``. Server to client there is one flat frame. Signatures are not checked:
the endpoint knows no account. Observed with the Python SDK 0.12 and the JavaScript SDK 3.1163.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from random import randrange

from nova_agent.localsonic.frames import Frame, FrameDecoder, FrameError, decode_frame, encode_frame
from nova_agent.localsonic.rejections import INVALID_INPUT, UNPARSEABLE, ExceptionName, StreamRejected
from nova_agent.localsonic.verdicts import Verdicts

_JSON = "application/json"
_SIGNATURE_BYTES = 32
_PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class ClientMessages:
    """Turns the request body's bytes into the JSON texts of its events."""

    def __init__(self, verdicts: Verdicts | None = None) -> None:
        self._verdicts = verdicts or Verdicts("strict")
        self._frames = FrameDecoder()

    @property
    def pending_bytes(self) -> int:
        """How much of an unfinished message has arrived."""
        return self._frames.pending_bytes

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take more of the body and yield the events that are now complete, each as JSON text; to be used up.

        Raises:
            StreamRejected: what follows is no signed event-stream message.
        """
        try:
            outer_frames = self._frames.feed(data)
        except FrameError as error:
            raise StreamRejected(UNPARSEABLE) from error
        for outer in outer_frames:
            # Both SDKs mark the end of input with a signed message without payload.
            if outer.payload:
                yield _event_json(self._inner_frame(outer))
        if self._frames.failure is not None:
            raise StreamRejected(UNPARSEABLE) from self._frames.failure

    def _inner_frame(self, outer: Frame) -> Frame:
        if not _is_signed(outer):
            # The service refuses unsigned frames with a validationException (seen on Nova 2.5 Sonic).
            self._verdicts.refuse(StreamRejected(INVALID_INPUT), instead="unsigned messages were taken")
            if ":event-type" in outer.headers:
                return outer
        return _unwrapped(outer)


def _is_signed(outer: Frame) -> bool:
    """Whether there is a date and what can be a signature: HMAC-SHA256, not checked."""
    signature = outer.headers.get(":chunk-signature")
    dated = isinstance(outer.headers.get(":date"), datetime)
    return dated and isinstance(signature, bytes) and len(signature) == _SIGNATURE_BYTES


def _unwrapped(outer: Frame) -> Frame:
    try:
        return decode_frame(outer.payload)
    except FrameError as error:
        raise StreamRejected(UNPARSEABLE) from error


def _event_json(inner: Frame) -> bytes:
    if inner.headers.get(":message-type") != "event" or inner.headers.get(":event-type") != "chunk":
        raise StreamRejected(UNPARSEABLE)
    try:
        return base64.b64decode(json.loads(inner.payload)["bytes"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StreamRejected(UNPARSEABLE) from error


def event_frame(event: dict[str, object], *, padded: bool = False) -> bytes:
    """Return the frame for ``{"event": {…}}``; keys are sorted, as the real service sends them.

    ``padded`` adds the ``p`` field with which other streams of Bedrock hide the length of their events.
    """
    # What a brain says may hold half of a surrogate pair: tool results are JSON in JSON.
    raw = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    padding = f'","p":"{_PADDING[: randrange(len(_PADDING))]}"}}' if padded else '"}'
    payload = b'{"bytes":"' + base64.b64encode(raw) + padding.encode()
    return encode_frame(Frame({":message-type": "event", ":event-type": "chunk", ":content-type": _JSON}, payload))


def exception_frame(exception: ExceptionName, message: str) -> bytes:
    """Return the frame that ends a stream; nothing may follow it."""
    headers = {":message-type": "exception", ":exception-type": exception, ":content-type": _JSON}
    return encode_frame(Frame(headers, json.dumps({"message": message}).encode()))
