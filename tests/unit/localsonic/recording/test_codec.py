"""Frames become lines and the same frames again."""

from __future__ import annotations

import pytest

from nova_agent.localsonic.envelope import event_frame, exception_frame
from nova_agent.localsonic.frames import Frame, FrameDecoder, encode_frame
from nova_agent.localsonic.recording.codec import entry_of, frame_of, read_event
from nova_agent.localsonic.recording.entries import ErrorEntry, EventEntry, ExceptionEntry, RawEntry

EVENT = event_frame({"event": {"textOutput": {"content": "Grüezi."}}})
EXCEPTION = exception_frame("throttlingException", "Slow down.")
ERROR = encode_frame(Frame({":message-type": "error", ":error-code": "500", ":error-message": "Broken."}))
UNKNOWN = encode_frame(Frame({":message-type": "event", ":event-type": "other"}, b"?"))


@pytest.mark.parametrize(
    ("frame", "kind"),
    [(EVENT, EventEntry), (EXCEPTION, ExceptionEntry), (ERROR, ErrorEntry), (UNKNOWN, RawEntry)],
    ids=["event", "exception", "error", "unknown"],
)
def test_a_frame_comes_back_as_it_was(frame: bytes, kind: type) -> None:
    (decoded,) = FrameDecoder().feed(frame)
    entry = entry_of(decoded, 5)
    assert isinstance(entry, EventEntry | ExceptionEntry | ErrorEntry | RawEntry)
    assert isinstance(entry, kind)
    assert (entry.t_ms, entry.direction) == (5, "out")
    assert frame_of(entry) == frame


@pytest.mark.parametrize("payload", [b"", b"no json", b"[]", b'{"event": 1}', b'{"event": {"a": 1}}', b'{"event": {}}'])
def test_a_payload_without_an_event_has_none(payload: bytes) -> None:
    assert read_event(payload) is None


def test_an_exceptions_further_fields_are_kept() -> None:
    payload = b'{"message": "Retry.", "originalStatusCode": 424}'
    headers = {":message-type": "exception", ":exception-type": "modelStreamErrorException"}
    entry = entry_of(Frame(headers, payload), 0)
    assert isinstance(entry, ExceptionEntry)
    assert entry.exception.payload["originalStatusCode"] == 424
