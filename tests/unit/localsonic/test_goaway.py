from __future__ import annotations

import pytest

from nova_agent.localsonic.goaway import GoAwayFilter

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, 0)) + bytes(4) + payload


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_only_goaway_frames_are_taken_out(size: int) -> None:
    kept = PREFACE + frame(4, b"") + frame(0, b"some data")
    raw = kept + frame(7, b"goodbye!") + frame(0, b"more")
    passing = GoAwayFilter()
    passed = b"".join(passing.feed(raw[at : at + size]) for at in range(0, len(raw), size))
    assert passed == kept + frame(0, b"more")
