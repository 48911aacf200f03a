"""What a fault sends last, as the endpoint's own decoder reads it."""

from __future__ import annotations

import json

import pytest

from nova_agent.localsonic.faults.catalogue import CATALOGUE, Kind
from nova_agent.localsonic.faults.last_words import last_words
from nova_agent.localsonic.faults.plan import FaultPlan
from nova_agent.localsonic.faults.points import Opportunity
from nova_agent.localsonic.frames import Frame, FrameDecoder, FrameError

EXCEPTIONS = [fault.name for fault in CATALOGUE.values() if fault.kind is Kind.EXCEPTION]


def said(text: str) -> bytes:
    strike = FaultPlan([f"{text}@open"]).strike(Opportunity("open"))
    assert strike is not None
    return last_words(strike)


def frame(text: str) -> Frame:
    (only,) = FrameDecoder().feed(said(text))
    return only


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_has_a_name_of_the_output_union_and_a_text(name: str) -> None:
    found = frame(name)
    assert found.headers[":message-type"] == "exception"
    assert found.headers[":exception-type"] == CATALOGUE[name].exception
    assert json.loads(found.payload)["message"] == CATALOGUE[name].text != ""


def test_an_exception_says_what_it_is_told_to() -> None:
    assert json.loads(frame("throttlingException:Slow down, please.").payload) == {"message": "Slow down, please."}


def test_a_model_stream_error_carries_its_original_status_and_text() -> None:
    body = json.loads(frame("modelStreamErrorException:Oops").payload)
    assert body == {"message": "Oops", "originalStatusCode": 500, "originalMessage": "Oops"}


def test_an_unknown_exception_has_another_name() -> None:
    assert frame("unknown-exception").headers[":exception-type"] == "accessDeniedException"
    assert frame("unknown-exception:ValidationException").headers[":exception-type"] == "ValidationException"


def test_an_error_frame_has_a_code_and_no_payload() -> None:
    found = frame("error-frame:Broken")
    assert (found.headers[":message-type"], found.headers[":error-code"], found.payload) == ("error", "Broken", b"")


def test_a_truncated_frame_is_the_beginning_of_a_good_one() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(said("truncated-frame")) == []
    assert decoder.pending_bytes > 12


@pytest.mark.parametrize(("name", "which"), [("corrupt-checksum", "message"), ("corrupt-prelude", "prelude")])
def test_a_corrupt_frame_has_one_wrong_checksum(name: str, which: str) -> None:
    with pytest.raises(FrameError, match=f"{which} checksum"):
        FrameDecoder().feed(said(name))


def test_a_silent_end_says_nothing() -> None:
    assert said("silent-end") == b""
