"""How a connection begins."""

from __future__ import annotations

import pytest

from nova_agent.localsonic.preface import begins_http2
from tests.fakes.fuzzing.wire import PREFACE


@pytest.mark.parametrize("length", [1, 10, len(PREFACE)])
def test_any_part_of_the_preface_may_be_http2(length: int) -> None:
    assert begins_http2(PREFACE[:length])
    assert begins_http2(PREFACE + b"more")


@pytest.mark.parametrize("first", [b"POST / HTTP/1.1\r\n", b"G", PREFACE[:-1] + b"x", b"\x16\x03\x01"])
def test_anything_else_is_not(first: bytes) -> None:
    assert not begins_http2(first)
